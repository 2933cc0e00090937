import { randomUUID } from 'node:crypto';
import { invalid, type Tx } from '@nefos/service-kit';
import { dbOf } from '../../access/domain/claim.js';
import type { ComputeRequest } from '../../ctx.js';
import type { Page } from '../../lists/list-plan.js';
import type { Query } from '../../lists/list-query.js';
import { reserveQuota } from '../../projects/domain/reserve-quota.js';
import { invalidValue, refusal, unknownKey } from '../../refusals.js';
import { withoutUndefined } from '../../without-undefined.js';
import { lockLeadingTo } from '../store/floating-ips.js';
import * as store from '../store/ports.js';
import type { ShownPort } from '../store/ports.js';
import { shareLockGroups } from '../store/security-groups.js';
import { newMac } from './addresses.js';
import { can, choosesAddresses, demandKind } from './capabilities.js';
import { defaultGroup } from './default-group.js';
import { leadNowhere } from './leading.js';
import { usableNetwork } from './networks-of.js';
import { demandFree, demandId, demandOwn, projectFor, scopeOf, type For } from './owned.js';
import { replaceAddresses, takeAddresses, type WantedAddress } from './port-addresses.js';
import { touch, touchGone } from './touch.js';

export type { ShownPort } from '../store/ports.js';

export interface PortInput {
  networkId: string;
  name: string;
  /** Null: the default one. */
  securityGroups: readonly string[] | null;
  portSecurity: boolean;
  /** Empty: a free one. */
  fixedIps: readonly WantedAddress[];
}
export interface PortChanges {
  name?: string | undefined;
  securityGroups?: readonly string[] | null | undefined;
  portSecurity?: boolean | undefined;
  /** All that it is to have. */
  fixedIps?: readonly WantedAddress[] | undefined;
}

export const listPorts = (ctx: ComputeRequest, query: Query, acting?: string): Promise<Page<ShownPort>> =>
  store.listPorts(dbOf(ctx), query, { clientIds: scopeOf(ctx, query, acting) });
/** @throws Fault not_found */
export const getPort = async (ctx: ComputeRequest, id: string): Promise<ShownPort> =>
  demandOwn(ctx, await store.findPort(dbOf(ctx), demandId(id)));

/** Groups of the project in the region. @throws Fault invalid */
export const demandGroups = async (
  tx: Tx,
  ids: readonly string[],
  of: { projectId: string; regionId: string },
): Promise<string[]> => {
  const found = new Set((await shareLockGroups(tx, ids, of)).map(({ id }) => id));
  const issues = ids.flatMap((id, i) => (found.has(id) ? [] : [unknownKey(['security_groups', i], id)]));
  if (issues.length) throw invalid(issues);
  return [...new Set(ids)];
};
const groupsOf = async (
  ctx: ComputeRequest,
  tx: Tx,
  given: readonly string[] | null,
  of: { projectId: string; regionId: string },
): Promise<string[]> => {
  if (!can(ctx, of.regionId, 'security_group')) {
    if (given?.length) throw invalidValue(['security_groups'], 'guest.unsupported');
    return [];
  }
  return given === null ? [await defaultGroup(ctx, tx, of)] : demandGroups(tx, given, of);
};
/** No driver lets a machine send with addresses of others. @throws Fault invalid */
const demandSecurity = (asked: boolean | undefined): void => {
  if (asked === false) throw invalidValue(['port_security_enabled'], 'guest.unsupported');
};

/**
 * Makes a port that no instance has yet.
 * @throws Fault invalid, not_found, forbidden/client.suspended, forbidden/create.quota, conflict/action.unsupported
 */
export const createPort = async (ctx: ComputeRequest, input: PortInput, whose: For): Promise<ShownPort> => {
  demandSecurity(input.portSecurity);
  const id = randomUUID();
  await dbOf(ctx).transaction(async (tx) => {
    const { projectId } = await projectFor(ctx, tx, whose);
    const { id: networkId, regionId } = await usableNetwork(tx, input.networkId, { projectId, path: ['network_id'] });
    demandKind(ctx, regionId, 'port');
    const groups = await groupsOf(ctx, tx, input.securityGroups, { projectId, regionId });
    await reserveQuota(tx, projectId, { port: 1 });
    const choose = choosesAddresses(ctx, regionId);
    const { name, portSecurity } = input;
    const own = { id, networkId, projectId, regionId, name, portSecurity, ...(choose && { macAddress: newMac() }) };
    await store.insertPort(tx, own);
    await takeAddresses(tx, { networkId, portId: id, choose }, input.fixedIps);
    await store.replaceGroups(tx, id, groups);
    await touch(ctx, tx, 'port', { id, regionId }, 'created');
  });
  return getPort(ctx, id);
};
/** Changes what is given. @throws Fault not_found, invalid, forbidden/client.suspended, conflict/port.used */
export const changePort = async (ctx: ComputeRequest, id: string, changes: PortChanges): Promise<ShownPort> => {
  const { clientId } = await getPort(ctx, id);
  demandSecurity(changes.portSecurity);
  await dbOf(ctx).transaction(async (tx) => {
    await demandFree(ctx, tx, clientId);
    const port = demandOwn(ctx, (await store.lockPort(tx, id)) && (await store.findPort(tx, id)));
    const { securityGroups, fixedIps, ...own } = changes;
    if (securityGroups !== undefined) {
      const { projectId, regionId } = port;
      await store.replaceGroups(tx, id, await groupsOf(ctx, tx, securityGroups, { projectId, regionId }));
    }
    if (fixedIps !== undefined) {
      const choose = choosesAddresses(ctx, port.regionId);
      await replaceAddresses(ctx, tx, port, { wanted: fixedIps, choose });
    }
    const given = withoutUndefined(own);
    if (Object.keys(given).length) await store.updatePort(tx, id, given);
    await touch(ctx, tx, 'port', port);
  });
  return getPort(ctx, id);
};
/** Floating IPs that lead to it lead nowhere then. @throws Fault not_found, conflict/port.used */
export const removePort = async (ctx: ComputeRequest, id: string): Promise<void> => {
  await getPort(ctx, id);
  await dbOf(ctx).transaction(async (tx) => {
    const locked = await store.lockPort(tx, id);
    const port = demandOwn(ctx, locked && (await store.findPort(tx, id)));
    if (port.instanceId !== null) throw refusal('conflict', 'port.used');
    await leadNowhere(ctx, tx, await lockLeadingTo(tx, [id]));
    await touchGone(tx, 'port', port);
    await store.deletePort(tx, id);
  });
};
