import type { IdentityCtx, IdentityRequest } from '../../ctx.js';
import { findLastTerms, findTerms, insertTerms, listTerms, type Terms } from '../store/terms.js';
import { changingAccount } from './accounts.js';
import { audit } from '../../access/domain/audit.js';
import { changing } from '../../access/domain/changes.js';
import { notFound } from '../../access/domain/errors.js';
import { signLastTerms } from './signing.js';

export type { Terms };

/**
 * New terms: every user who is bound must sign before the next call (contract identity §8.2). Not bound are components, administrators and
 * staff of components. `text`: what is to be read; null: it stands at `location`.
 */
export const addTerms = (ctx: IdentityRequest, location: string, text: string | null = null): Promise<number> =>
  changing(ctx, async (tx, stale) => {
    const id = await insertTerms(tx, { location, text });
    await audit(ctx, tx, 'terms.add', location);
    stale('all');
    return id;
  });
/** The terms in force, or those of a number. @throws not_found terms.absent for an unknown number */
export const shownTerms = async (ctx: IdentityCtx, id?: number): Promise<Terms | undefined> => {
  if (id === undefined) return findLastTerms(ctx.db);
  const found = await findTerms(ctx.db, id);
  if (!found) throw notFound('terms.absent');
  return found;
};
export const allTerms = (ctx: IdentityCtx): Promise<Terms[]> => listTerms(ctx.db);
/** A person signs the terms that were shown. @throws conflict terms.newer when others are in force by now */
export const signTerms = (ctx: IdentityRequest, uuid: string, id: number): Promise<void> =>
  changingAccount(ctx, uuid, (a, tx) => signLastTerms({ ...ctx, actor: uuid }, tx, a, id));
