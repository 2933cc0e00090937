import { Fault, notFound } from '@nefos/service-kit';
import { callerOf } from '../../access/domain/caller.js';
import { dbOf } from '../../access/domain/claim.js';
import type { ComputeRequest } from '../../ctx.js';
import { createSshKey, deleteSshKey, ownerOfKeys } from '../../users/domain/ssh-keys.js';
import { findKeypair, listKeypairs, type KeypairRow } from '../store/keypairs.js';

export type { KeypairRow };
/**
 * Whose key pairs a request is about: the caller's; administrators name others.
 * @returns undefined: there is no such user
 * @throws Fault forbidden
 */
const ownerOf = async (
  ctx: ComputeRequest,
  userId: string | undefined,
): Promise<{ id: number; uuid: string } | undefined> => {
  const uuid = userId ?? callerOf(ctx).uuid;
  const owner = await ownerOfKeys(ctx, uuid);
  return owner && { id: owner.id, uuid };
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
  if (page.after !== null && !(owner && (await findKeypair(dbOf(ctx), owner.uuid, page.after)))) return 'no_marker';
  return owner ? listKeypairs(dbOf(ctx), owner.uuid, page) : [];
};
const keypairOf = async (
  ctx: ComputeRequest,
  name: string,
  userId: string | undefined,
): Promise<{ owner: { id: number }; keypair: KeypairRow }> => {
  const owner = await ownerOf(ctx, userId);
  const keypair = owner && (await findKeypair(dbOf(ctx), owner.uuid, name));
  if (!keypair) throw notFound();
  return { owner, keypair };
};
/** @throws Fault forbidden, not_found */
export const getKeypair = async (ctx: ComputeRequest, name: string, userId?: string): Promise<KeypairRow> =>
  (await keypairOf(ctx, name, userId)).keypair;
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
/** Nova keeps key pairs of any id; here they are of portal users. */
const unknownUser = (userId = ''): Fault =>
  new Fault('invalid', 'facade.refused', { message: `User ${userId} could not be found.` });
/**
 * @param publicKey null: a pair is made @returns with the private key of a pair that was made
 * @throws Fault invalid, also for a user who is not there; forbidden; conflict: the name is taken
 */
export const makeKeypair = async (
  ctx: ComputeRequest,
  { name, publicKey, userId }: { name: string; publicKey: string | null; userId: string | undefined },
): Promise<KeypairRow & { privateKey?: string }> => {
  const owner = await ownerOf(ctx, userId);
  if (!owner) throw unknownUser(userId);
  try {
    return { ...(await createSshKey(ctx, { name, publicKey }, owner)), userUuid: owner.uuid };
  } catch (err) {
    if (err instanceof Fault && err.code === 'user.not_found') throw unknownUser(userId);
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
  const { owner, keypair } = await keypairOf(ctx, name, userId);
  await deleteSshKey(ctx, keypair.id, owner);
};
