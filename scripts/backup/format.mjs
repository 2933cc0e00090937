// @ts-check
// The file of a backup: gzip, one JSON line for each part, a table's rows as PostgreSQL's COPY writes them, ended by
// `\.`.
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { Trouble } from '../lib/progress.mjs';

/**
 * The first line of a backup. `state`: what a state directory has, null when the databases were named one by one.
 * @typedef {{ nefos_backup: number, version: string, made_at: string, state: any,
 *   databases: Record<string, import('./tables.mjs').Version> }} Manifest
 */
/** Raised when a file of today could not be read by the program of yesterday. */
export const FORMAT = 1;
/** Ends the rows of a table: COPY writes a backslash of the data as two. */
export const END_OF_ROWS = '\\.\n';
const NEWLINE = 10;
const BACKSLASH = 92;
const DOT = 46;

/**
 * The parts of a backup in order: `{ head }` for a JSON line, `{ rows }` for a piece of whole rows of the table before
 * it.
 * @param {string} file
 * @throws Trouble when the file is none, is damaged or was cut off
 */
export async function* readBackup(file) {
  const text = createGunzip();
  pipeline(createReadStream(file), text, () => undefined);
  let table;
  let last;
  let rest = Buffer.alloc(0);
  try {
    for await (const part of text) {
      const data = rest.length ? Buffer.concat([rest, part]) : part;
      let from = 0;
      let rows = 0;
      for (let end; (end = data.indexOf(NEWLINE, from)) >= 0; from = end + 1) {
        if (!table) {
          last = JSON.parse(data.toString('utf8', from, end));
          table = last.table;
          rows = end + 1;
          yield { head: last };
        } else if (end - from === 2 && data[from] === BACKSLASH && data[from + 1] === DOT) {
          if (from > rows) yield { rows: data.subarray(rows, from) };
          table = undefined;
        }
      }
      if (table && from > rows) yield { rows: data.subarray(rows, from) };
      rest = data.subarray(from);
    }
  } catch (err) {
    if (err instanceof SyntaxError || /^(Z_|ERR_)/.test(err.code ?? ''))
      throw new Trouble(`${file} is no backup, or is damaged (${err.message})`);
    throw err.code ? new Trouble(`${file} can not be read (${err.code})`) : err;
  }
  if (rest.length || !last?.end) throw new Trouble(`${file} is no whole backup: its end is missing`);
}

/**
 * Reads the whole file once, so that a damaged one is found before anything is changed.
 * @param {string} file
 * @returns {Promise<Manifest>} its first line
 */
export const checkBackup = async (file) => {
  let manifest;
  for await (const { head } of readBackup(file)) {
    if (manifest || !head) continue;
    if (!head.nefos_backup) throw new Trouble(`${file} is no backup of Nefos`);
    if (head.nefos_backup > FORMAT)
      throw new Trouble(`${file} was made by a newer Nefos (format ${head.nefos_backup}): restore it with that one`);
    manifest = head;
  }
  return manifest;
};
