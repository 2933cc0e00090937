import { notFound } from '@nefos/service-kit';
import { dbOf } from '../../access/domain/claim.js';
import type { ComputeRequest } from '../../ctx.js';
import { inOne } from '../../facade/domain/in-one.js';
import { clientsInView, scopeOf } from '../../facade/domain/scope.js';
import { changeInstance } from '../../instances/domain/instances.js';
import type { KeysetPage, KeysetRequest } from '../../lists/keyset.js';
import { UUID } from '../../lists/uuid.js';
import { changeRecord } from '../store/records.js';
import { findServer, NOT_DELETED, pageOfServers, sortKeyOf, type ServerRow } from '../store/servers.js';

export type ShownServer = ServerRow;
export { NOT_DELETED, sortKeyOf };

/** @param allProjects for administrators @throws Fault forbidden/facade.policy */
export const listServers = (
  ctx: ComputeRequest,
  request: KeysetRequest,
  allProjects: boolean,
): Promise<KeysetPage<ShownServer> | 'no_marker'> => pageOfServers(dbOf(ctx), request, clientsInView(ctx, allProjects));

/** Administrators see every server, others those of the token's project. @throws Fault not_found */
export const getServer = async (ctx: ComputeRequest, id: string): Promise<ShownServer> => {
  const all = scopeOf(ctx).admin;
  const found = UUID.test(id) ? await findServer(dbOf(ctx), id, clientsInView(ctx, all)) : undefined;
  if (!found) throw notFound();
  return found;
};

export interface ServerChanges {
  name?: string;
  description?: string | null;
  hostname?: string;
  accessIpv4?: string;
  accessIpv6?: string;
  keyName?: string | null;
}
/** All of it or nothing. @throws Fault as `changeInstance` */
export const changeServer = async (
  ctx: ComputeRequest,
  id: string,
  { name, description, ...record }: ServerChanges,
): Promise<ShownServer> => {
  await inOne(ctx, async (joint) => {
    // Locks the server, also when only its record is changed.
    await changeInstance(joint, id, {
      ...(name !== undefined && { name }),
      ...(description !== undefined && { description }),
    });
    if (Object.keys(record).length) await dbOf(joint).transaction((tx) => changeRecord(tx, id, record));
  });
  return getServer(ctx, id);
};
