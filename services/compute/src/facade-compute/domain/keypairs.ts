import { Fault, notFound } from '@nefos/service-kit';
import { callerOf } from '../../access/domain/caller.js';
import { dbOf } from '../../access/domain/claim.js';
import type { ComputeRequest } from '../../ctx.js';
import { createSshKey, deleteSshKey, demandSeesKeysOf } from '../../users/domain/ssh-keys.js';
import { findKeypair, listKeypairs, type KeypairRow } from '../store/keypairs.js';

export type { KeypairRow };
/** Whose key pairs a request is about: the caller's; administrators name others. @throws Fault forbidden */
const ownerOf = async (ctx: ComputeRequest, userId: string | undefined): Promise<string> => {
  const { uuid } = callerOf(ctx);
  if (userId === undefined) return uuid;
  await demandSeesKeysOf(ctx, userId);
  return userId;
};
/**
 * By name. @param page.after name of the last one of the page before
 * @returns 'no_marker' when there is none of that name
 * @throws Fault forbidden
 */
export const keypairsOf = async (
  ctx: ComputeRequest,
  userId: string | undefined,
  page: { limit: number; after: string | null },
): Promise<KeypairRow[] | 'no_marker'> => {
  const owner = await ownerOf(ctx, userId);
  if (page.after !== null && !(await findKeypair(dbOf(ctx), owner, page.after))) return 'no_marker';
  return listKeypairs(dbOf(ctx), owner, page);
};
/** @throws Fault forbidden, not_found */
export const getKeypair = async (ctx: ComputeRequest, name: string, userId?: string): Promise<KeypairRow> => {
  const found = await findKeypair(dbOf(ctx), await ownerOf(ctx, userId), name);
  if (!found) throw notFound();
  return found;
};
/**
 * The key that a server gets when it is rebuilt, as what the portal takes for one: the key pair is that of the user who
 * made the server, as Nova has it. Of another's, a user may keep the one that is there; staff may give any.
 */
export const keyForRebuild = async (
  ctx: ComputeRequest,
  { userId, keyName }: { userId: string | null; keyName: string | null },
  wanted: string,
): Promise<string> => {
  const { staff, uuid } = callerOf(ctx);
  const of = userId || uuid;
  if (of !== uuid && !staff && wanted !== keyName) return wanted;
  return (await findKeypair(dbOf(ctx), of, wanted))?.publicKey ?? wanted;
};
/** Key pairs are made and deleted by their users, as in the portal. @throws Fault forbidden */
const demandOwn = (ctx: ComputeRequest, userId: string | undefined, message: string): void => {
  if (userId !== undefined && userId !== callerOf(ctx).uuid)
    throw new Fault('forbidden', 'facade.refused', { message });
};
/**
 * @param publicKey null: a pair is made @returns with the private key of a pair that was made
 * @throws Fault invalid, forbidden, conflict: the name is taken
 */
export const makeKeypair = async (
  ctx: ComputeRequest,
  { name, publicKey, userId }: { name: string; publicKey: string | null; userId: string | undefined },
): Promise<KeypairRow & { privateKey?: string }> => {
  demandOwn(ctx, userId, 'Key pairs are made by their users.');
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
export const dropKeypair = async (ctx: ComputeRequest, name: string, userId?: string): Promise<void> => {
  demandOwn(ctx, userId, 'Key pairs are deleted by their users.');
  await deleteSshKey(ctx, (await getKeypair(ctx, name)).id);
};
