import { Fault, notFound } from '@nefos/service-kit';
import { callerOf } from '../../access/domain/caller.js';
import { dbOf } from '../../access/domain/claim.js';
import type { ComputeRequest } from '../../ctx.js';
import { scopeOf } from '../../facade/domain/scope.js';
import { refusal } from '../../refusals.js';
import { createSshKey, deleteSshKey } from '../../users/domain/ssh-keys.js';
import { findKeypair, listKeypairs, type KeypairRow } from '../store/keypairs.js';

export type { KeypairRow };
/** Whose key pairs a request is about: the caller's; administrators name others. @throws Fault forbidden */
const ownerOf = (ctx: ComputeRequest, userId: string | undefined): string => {
  const { uuid } = callerOf(ctx);
  if (userId === undefined || userId === uuid) return uuid;
  if (!scopeOf(ctx).admin) throw refusal('forbidden', 'facade.policy');
  return userId;
};
/** @throws Fault forbidden */
export const keypairsOf = async (
  ctx: ComputeRequest,
  userId: string | undefined,
  page: { limit: number; after: string | null },
): Promise<KeypairRow[]> => listKeypairs(dbOf(ctx), ownerOf(ctx, userId), page);
/** @throws Fault forbidden, not_found */
export const getKeypair = async (ctx: ComputeRequest, name: string, userId?: string): Promise<KeypairRow> => {
  const found = await findKeypair(dbOf(ctx), ownerOf(ctx, userId), name);
  if (!found) throw notFound();
  return found;
};
/**
 * @param publicKey null: a pair is made @returns with the private key of a pair that was made
 * @throws Fault invalid, forbidden, conflict: the name is taken
 */
export const makeKeypair = async (
  ctx: ComputeRequest,
  { name, publicKey }: { name: string; publicKey: string | null },
): Promise<KeypairRow & { privateKey?: string }> => {
  const { uuid } = callerOf(ctx);
  try {
    return { ...(await createSshKey(ctx, { name, publicKey })), userUuid: uuid };
  } catch (err) {
    const rule = err instanceof Fault ? err.params.issues?.[0]?.rule : undefined;
    if (rule === 'unique')
      throw new Fault('conflict', 'facade.refused', { message: `Key pair '${name}' already exists.` });
    if (rule === 'ssh_key.unreadable')
      throw new Fault('invalid', 'facade.refused', {
        message: 'Keypair data is invalid: failed to generate fingerprint',
      });
    throw err;
  }
};
/** @throws Fault not_found, forbidden */
export const dropKeypair = async (ctx: ComputeRequest, name: string): Promise<void> =>
  deleteSshKey(ctx, (await getKeypair(ctx, name)).id);
