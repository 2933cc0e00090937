import type { IdentityCtx, IdentityRequest } from '../../ctx.js';
import { findLastTerms, findTerms, insertTerms, listTerms, type Terms } from '../store/terms.js';
import { changingAccount } from './account-change.js';
import { audit } from '../../access/domain/audit.js';
import { transactionWithInvalidation } from '../../access/domain/changes.js';
import { notFound } from '../../access/domain/errors.js';
import { signLastTerms } from './signing.js';

export type { Terms };

/**
 * Adds terms: every user who is bound by them must sign before the next call (contract identity §8.2). Components,
 * administrators and staff of components are not bound.
 * @param text what is to be read; null: it is at the address `location`
 * @returns the id
 */
export const addTerms = (ctx: IdentityRequest, location: string, text: string | null = null): Promise<number> =>
  transactionWithInvalidation(ctx, async (tx, invalidate) => {
    const id = await insertTerms(tx, { location, text });
    await audit(ctx, tx, 'terms.add', location);
    invalidate('all');
    return id;
  });
/** The terms in force, or those of an id. @throws not_found terms.absent for an unknown id */
export const shownTerms = async (ctx: IdentityCtx, id?: number): Promise<Terms | undefined> => {
  if (id === undefined) return findLastTerms(ctx.db);
  const found = await findTerms(ctx.db, id);
  if (!found) throw notFound('terms.absent');
  return found;
};
/** The last ones first. */
export const allTerms = (ctx: IdentityCtx): Promise<Terms[]> => listTerms(ctx.db);
/** A user signs the terms that were shown. @throws conflict terms.newer when others are in force by now */
export const signTerms = (ctx: IdentityRequest, uuid: string, id: number): Promise<void> =>
  changingAccount(ctx, uuid, (a, tx) => signLastTerms({ ...ctx, actor: uuid }, tx, a, id));
