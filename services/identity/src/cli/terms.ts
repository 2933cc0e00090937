import { readFileSync } from 'node:fs';
import path from 'node:path';
import { badText } from '@nefos/contracts';
import { isoOffset } from '@nefos/service-kit';
import type { Command } from 'commander';
import { bad, notFound } from '../access/domain/errors.js';
import { accountByName } from '../accounts/domain/accounts.js';
import { addTerms, allTerms } from '../accounts/domain/terms.js';
import { performUserAction } from '../accounts/domain/user-actions.js';
import type { IdentityRequest } from '../ctx.js';
import type { MakeAction } from './action.js';
import type { Row } from './output.js';

const MAX_BYTES = 1_000_000;
const MAX_ADDRESS = 2000;
/**
 * The text of a file is stored with the terms, so that every process can show it and the file may be deleted.
 * @throws invalid terms.file
 */
const readText = (file: string): string => {
  let bytes: Buffer;
  try {
    // Relative to the folder of the operator's shell: npm runs commands in the root of the project.
    bytes = readFileSync(path.resolve(process.env.INIT_CWD ?? '', file));
  } catch (err) {
    throw bad('terms.file', { file, error: (err as NodeJS.ErrnoException).code });
  }
  const text = bytes.toString();
  if (bytes.length > MAX_BYTES || !text.trim() || badText(text) !== undefined)
    throw bad('terms.file', { file, mostBytes: MAX_BYTES });
  return text;
};
/** Users must sign what they read there, so a wrong address would lock everybody out. @throws invalid terms.address */
const demandAddress = (location: string): void => {
  const isAddress = /^https?:\/\/[^/?#\\]/i.test(location) && URL.canParse(location);
  if (!isAddress || location.length > MAX_ADDRESS || badText(location) !== undefined) throw bad('terms.address');
};
const add = async (ctx: IdentityRequest, location: string): Promise<Row[]> => {
  const isRemote = /^https?:/i.test(location);
  if (isRemote) demandAddress(location);
  const text = isRemote ? null : readText(location);
  return [{ id: await addTerms(ctx, location, text), location }];
};
/** For all of them, or, when one is unknown, for none. */
const sign = async (ctx: IdentityRequest, names: readonly string[]): Promise<Row[]> => {
  const found = await Promise.all(names.map((name) => accountByName(ctx.db, name)));
  const accounts = found.filter((account) => account !== undefined);
  if (accounts.length < names.length)
    throw notFound('user.absent', { names: names.filter((_, i) => found[i] === undefined).join(', ') });
  const rows: Row[] = [];
  for (const { uuid, username } of accounts) {
    const { hasSignedTerms } = await performUserAction(ctx, uuid, 'signTerms');
    rows.push({ uuid, username, has_signed_terms: hasSignedTerms });
  }
  return rows;
};
const list = async (ctx: IdentityRequest): Promise<Row[]> =>
  (await allTerms(ctx)).map((terms) => ({
    id: terms.id,
    date: isoOffset(terms.date),
    location: terms.location,
    text: terms.text === null ? 'at its address' : 'kept here',
  }));

export const addTermsCommands = (root: Command, action: MakeAction): void => {
  const terms = root.command('terms').description('terms of use');
  terms
    .command('add')
    .description(
      'users must sign them before the next call, at /ui/approval_terms; ' +
        'components, administrators and staff are not bound',
    )
    .argument('<location>', 'a text file, whose text is shown, or an address beginning with http')
    .action(action(add));
  terms
    .command('sign')
    .description('sign the terms in force for users who can not read, such as programs')
    .argument('<user...>', 'e-mail addresses or uuids')
    .action(action(sign));
  terms.command('list').description('terms, the ones in force first').action(action(list));
};
