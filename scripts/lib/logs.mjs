// @ts-check
// Where the lines of the services go: files that are kept small, or the supervisor's own standard output.
import * as fs from 'node:fs';
import { Transform, Writable } from 'node:stream';
import { finished } from 'node:stream/promises';

const NEWLINE = 10;
/** A line that does not end is not held back for ever. */
const LONGEST = 1_000_000;
const CLOSE_MS = 1000;

/** Passes on whole lines only, so that files are cut between them and two services do not mix theirs. */
const wholeLines = () => {
  let rest = Buffer.alloc(0);
  return new Transform({
    transform(part, _encoding, done) {
      const data = rest.length ? Buffer.concat([rest, part]) : part;
      const end = data.length > LONGEST ? data.length : data.lastIndexOf(NEWLINE) + 1;
      rest = data.subarray(end);
      done(null, end ? data.subarray(0, end) : undefined);
    },
    flush(done) {
      done(null, rest.length ? Buffer.concat([rest, Buffer.from('\n')]) : undefined);
    },
  });
};

/** Makes room for `x.log.1`, the newest of the old ones. @param {string} file @param {number} kept */
const shift = (file, kept) => {
  fs.rmSync(`${file}.${kept}`, { force: true });
  for (let n = kept - 1; n > 0; n -= 1)
    if (fs.existsSync(`${file}.${n}`)) fs.renameSync(`${file}.${n}`, `${file}.${n + 1}`);
};
/**
 * A file that is put aside when it has `bytes`; `kept` old ones stay. A full disk ends nothing: `say` gets one line,
 * and lines are lost until they can be written again.
 * @param {string} file @param {{ bytes: number, kept: number, say: (line: string) => void }} options
 */
const rotating = (file, { bytes, kept, say }) => {
  /** @type {number | undefined} */
  let fd;
  let size = 0;
  let failing = false;
  let stuck = false;
  const open = () => {
    fd = fs.openSync(file, 'a', 0o600);
    ({ size } = fs.fstatSync(fd));
    return fd;
  };
  /** @param {number} full @returns the new file */
  const rotate = (full) => {
    fs.closeSync(full);
    fd = undefined;
    try {
      shift(file, kept);
      fs.renameSync(file, `${file}.1`);
      stuck = false;
    } catch (err) {
      // Better a file that is too large than lines that are lost.
      if (!stuck) say(`${file} can not be put aside (${err.code}): it grows`);
      stuck = true;
    }
    return open();
  };
  const failed = (/** @type {NodeJS.ErrnoException} */ err) => {
    if (!failing) say(`${file} can not be written (${err.code}): lines are lost until it can`);
    failing = true;
  };
  return new Writable({
    write(lines, _encoding, done) {
      let target;
      try {
        target = fd ?? open();
        if (size > 0 && size + lines.length > bytes) target = rotate(target);
      } catch (err) {
        failed(err);
        done();
        return;
      }
      fs.write(target, lines, (err, written) => {
        size += written ?? 0;
        if (err) failed(err);
        else failing = false;
        done();
      });
    },
    final(done) {
      if (fd !== undefined) fs.closeSync(fd);
      done();
    },
  });
};
/** Writes to a stream of others, which stays open. @param {NodeJS.WriteStream} out */
const shared = (out) =>
  new Writable({
    write(lines, _encoding, done) {
      if (out.write(lines)) done();
      else out.once('drain', done);
    },
  });

/**
 * @param {{ file: string, toStdout: boolean, bytes: number, kept: number, say: (line: string) => void }} options
 * @returns {{ take: (stream: import('node:stream').Readable) => void, close: () => Promise<void>, where: string }}
 *   `take`: everything of a stream is logged; `close`: resolves when what came until then is written
 */
export const openLog = ({ file, toStdout, bytes, kept, say }) => {
  const out = toStdout ? shared(process.stdout) : rotating(file, { bytes, kept, say });
  out.setMaxListeners(0);
  const open = new Set();
  return {
    take: (stream) => {
      const lines = stream.pipe(wholeLines());
      const ended = finished(lines).catch(() => undefined);
      open.add(ended);
      void ended.then(() => open.delete(ended));
      lines.pipe(out, { end: false });
    },
    close: async () => {
      // Lines of a process that has ended may still be on the way. A process that inherited its output may keep it open
      // for ever.
      await Promise.race([Promise.all(open), new Promise((resolve) => setTimeout(resolve, CLOSE_MS))]);
      if (open.size) return;
      out.end();
      await finished(out).catch(() => undefined);
    },
    where: toStdout ? 'on standard output' : file,
  };
};

/**
 * For a file that another process appends to: its content is copied aside, then cut off. What is written in between is
 * lost.
 * @param {string} file @param {{ bytes: number, kept: number }} options
 */
export const rotateInPlace = async (file, { bytes, kept }) => {
  if (!fs.existsSync(file) || fs.statSync(file).size < bytes) return;
  shift(file, kept);
  await fs.promises.copyFile(file, `${file}.1`);
  await fs.promises.truncate(file);
};
