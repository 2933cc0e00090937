import { notFound } from '@nefos/service-kit';
import { callerOf, maySee } from '../../access/domain/caller.js';
import { dbOf } from '../../access/domain/claim.js';
import type { ComputeRequest } from '../../ctx.js';
import type { KeysetPage } from '../../lists/keyset.js';
import { UUID } from '../../lists/uuid.js';
import * as store from '../store/server-history.js';
import type { Done, HistoryOf, Migrating } from '../store/server-history.js';
import { getServer, type ShownServer } from './servers.js';

export type { Done, Migrating };

/** End users see what was done for the server's present client only. @throws Fault not_found */
const historyOf = async (ctx: ComputeRequest, id: string, deletedToo: boolean): Promise<HistoryOf> => {
  const caller = callerOf(ctx);
  const found = UUID.test(id) ? await store.findClientOfAny(dbOf(ctx), id) : undefined;
  if (!found || !maySee(caller, found.clientId) || (found.deleted && !deletedToo)) throw notFound();
  return { instanceId: id, clientId: caller.staff ? null : found.clientId };
};
/** Which page of a server's history. */
export interface HistoryPage {
  limit: number;
  /** The request id of the last one of the page before. */
  marker?: string | undefined;
  since?: string | undefined;
  before?: string | undefined;
  /** Whether the server may be deleted. */
  deletedToo: boolean;
}
/** What was done to a server, newest first. @throws Fault not_found */
export const listHistory = async (
  ctx: ComputeRequest,
  id: string,
  { marker, deletedToo, ...page }: HistoryPage,
): Promise<KeysetPage<Done> | 'no_marker'> => {
  const of = await historyOf(ctx, id, deletedToo);
  if (marker === undefined) return store.listDone(dbOf(ctx), of, { ...page, marker });
  const found = await store.findDone(dbOf(ctx), of, marker);
  return found ? store.listDone(dbOf(ctx), of, { ...page, marker: found.id }) : 'no_marker';
};
/** What a request has done to a server. @throws Fault not_found: the server */
export const findInHistory = async (
  ctx: ComputeRequest,
  id: string,
  { request, deletedToo }: { request: string; deletedToo: boolean },
): Promise<Done | undefined> => store.findDone(dbOf(ctx), await historyOf(ctx, id, deletedToo), request);

/** The live migration of a server that goes on. @throws Fault not_found */
export const migrationOf = async (
  ctx: ComputeRequest,
  id: string,
): Promise<{ server: ShownServer; migration: Migrating | undefined }> => {
  const server = await getServer(ctx, id);
  return { server, migration: await store.findMigrating(dbOf(ctx), id) };
};
