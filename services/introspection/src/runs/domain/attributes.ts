import type { Tx } from '@nefos/service-kit';
import { bmcAddressOf, ipOf, macOf } from '../../addresses.js';
import { bmcHostOf } from '../../nodes/domain/bmc-address.js';
import { listMacs } from '../../nodes/domain/inspection.js';
import type { JsonObject } from '../../values.js';
import { countAttributes, insertAttributes, replaceMacs, type Run } from '../store/runs.js';
import { createNameResolver } from './bmc-names.js';

const resolveName = createNameResolver();
/**
 * The addresses of a node's BMC by which its callback is recognised (contract introspection §6.1): of a name all that
 * it has; none behind a bridge.
 */
export const bmcAddressesOf = async (driverInfo: JsonObject): Promise<string[]> => {
  const { ipmi_bridging: bridging = 'no' } = driverInfo;
  const host = bmcHostOf(driverInfo);
  if (host === null || (bridging !== 'no' && bridging !== null && bridging !== '')) return [];
  if (ipOf(host) !== undefined) return [bmcAddressOf(host) ?? []].flat();
  return resolveName(host);
};
/** Of a run that begins. */
export const setBmcAddresses = (tx: Tx, { nodeUuid }: Pick<Run, 'nodeUuid'>, addresses: readonly string[]) =>
  insertAttributes(
    tx,
    nodeUuid,
    addresses.map((value) => ({ kind: 'bmc_address', value })),
  );
/** All ports of the node at this moment. @returns whether the machine can be recognised at all */
export const setMacs = async (tx: Tx, { nodeUuid }: Pick<Run, 'nodeUuid'>): Promise<boolean> => {
  const macs = (await listMacs(tx, nodeUuid)).flatMap((one) => macOf(one) ?? []);
  await replaceMacs(tx, nodeUuid, macs);
  return macs.length > 0 || (await countAttributes(tx, nodeUuid)) > 0;
};
