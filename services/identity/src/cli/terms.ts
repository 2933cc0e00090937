import { readFileSync } from 'node:fs';
import path from 'node:path';
import { badText } from '@nefos/contracts';
import { isoOffset } from '@nefos/service-kit';
import type { IdentityRequest } from '../ctx.js';
import { accountByName } from '../accounts/domain/accounts.js';
import { actOn } from '../accounts/domain/admin-actions.js';
import { bad, notFound } from '../access/domain/errors.js';
import { addTerms, allTerms } from '../accounts/domain/terms.js';
import type { Row } from './output.js';

const LONGEST = 1_000_000;
const LONGEST_ADDRESS = 2000;
/** The text of a file is kept with the terms: the file may go, and every process can show it. */
const textOf = (file: string): string => {
  let bytes: Buffer;
  try {
    // As one types it: npm runs commands in the root of the project, wherever it was called.
    bytes = readFileSync(path.resolve(process.env.INIT_CWD ?? '', file));
  } catch (err) {
    throw bad('terms.file', {
      detail: `${file} is no address and can not be read (${(err as NodeJS.ErrnoException).code})`,
    });
  }
  const text = bytes.length > LONGEST ? '\0' : bytes.toString();
  if (!text.trim() || badText(text))
    throw bad('terms.file', { detail: `${file} is no text of at most ${LONGEST} bytes` });
  return text;
};
export const newTerms = async (ctx: IdentityRequest, location: string): Promise<Row[]> => {
  const remote = /^https?:/i.test(location);
  // Terms lock every user out until they sign: nobody could read these.
  if (
    remote &&
    (location.length > LONGEST_ADDRESS ||
      badText(location) ||
      !/^https?:\/\/[^/?#\\]/i.test(location) ||
      !URL.canParse(location))
  )
    throw bad('terms.address');
  const text = remote ? null : textOf(location);
  return [{ id: await addTerms(ctx, location, text), location }];
};
export const signFor = async (ctx: IdentityRequest, names: readonly string[]): Promise<Row[]> => {
  const found = await Promise.all(names.map(async (name) => ({ name, account: await accountByName(ctx.db, name) })));
  const missing = found.filter((one) => !one.account).map((one) => one.name);
  if (missing.length) throw notFound('user.absent', { detail: missing.join(', ') });
  const rows: Row[] = [];
  for (const { account } of found)
    if (account)
      rows.push({
        uuid: account.uuid,
        username: account.username,
        ...(await actOn(ctx, account.uuid, 'signTerms', {})),
      });
  return rows;
};
export const listTerms = async (ctx: IdentityRequest): Promise<Row[]> =>
  (await allTerms(ctx)).map((t) => ({
    id: t.id,
    date: isoOffset(t.date),
    location: t.location,
    text: t.text === null ? 'at its address' : 'kept here',
  }));
