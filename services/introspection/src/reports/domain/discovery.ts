import { randomUUID } from 'node:crypto';
import { isTrustedPeer, parsePeers, type Tx } from '@nefos/service-kit';
import type { IntrospectionConfig } from '../../config.js';
import type { IntrospectionCtx } from '../../ctx.js';
import { demandNode } from '../../nodes/domain/nodes.js';
import { IN_USE } from '../../nodes/domain/provision-states.js';
import { insertNode } from '../../nodes/domain/register.js';
import { addAttributes, insertRun, listMatches, replaceRun, type NewRun } from '../../runs/domain/records.js';
import { forbiddenText, lockRun, nextState, notePhase } from '../../runs/domain/transitions.js';
import { isObject, type JsonObject } from '../../values.js';
import { listNodesOf, listPortsOf, lockDiscovery } from '../store/unknown.js';
import { attributesOf, unusable } from './look-up.js';
import { Rate } from './rate.js';
import type { Report } from './report-workers.js';

/** How many nodes this process makes in a minute; the address does not count. */
export const createEnrollLimit = (config: IntrospectionConfig): Rate =>
  new Rate(config.NEFOS_INTROSPECTION_ENROLL_PER_MINUTE / 60, config.NEFOS_INTROSPECTION_ENROLL_PER_MINUTE);

const awaited = async (tx: Tx, report: Report, run: NewRun): Promise<void> => {
  const before = await lockRun(tx, run.nodeUuid);
  if (before && nextState(before.state, 'start') === undefined) throw unusable([forbiddenText(before.state, 'start')]);
  await (before ? replaceRun(tx, run) : insertRun(tx, run));
  await addAttributes(tx, run.nodeUuid, attributesOf(report.lookUp));
};
/**
 * A machine in use that reports by itself (contract introspection §6.3): its ports and its BMC name the node.
 * @returns undefined: there is none
 */
const findInUse = async (tx: Tx, report: Report): Promise<string | undefined> => {
  const byPort = await listPortsOf(tx, report.lookUp.macs);
  const byBmc = await listNodesOf(tx, report.lookUp.addresses);
  const nodes = [...new Set([...byPort, ...byBmc].map(({ nodeUuid }) => nodeUuid))];
  const [node] = nodes;
  if (node === undefined) return undefined;
  if (nodes.length > 1)
    throw unusable([`Look up error: ports and BMC of the machine belong to different nodes: ${nodes.join(', ')}`]);
  const { provisionState } = await demandNode(tx, node);
  if (!IN_USE.includes(provisionState))
    throw unusable([`Look up error: node ${node} is not in use, and its introspection was not started`]);
  const run = { nodeUuid: node, id: randomUUID(), cause: 'discovery' as const, manageBoot: false };
  await awaited(tx, report, { ...run, state: 'waiting' });
  await notePhase(tx, node, 'waiting', 'The machine is in use, and reported by itself');
  return node;
};
/** The address of the BMC that a node made here gets: that of the family that is preferred. */
const bmcOf = ({ config }: IntrospectionCtx, { lookUp: { addresses } }: Report): string | undefined =>
  config.NEFOS_INTROSPECTION_ENROLL_ADDRESSES.split(',')
    .map((family) => addresses.find((one) => one.includes(':') === (family === '6')))
    .find((one) => one !== undefined);
/** A node of a machine that nobody knows. @throws Fault invalid report.unusable, node.* */
const enroll = async (ctx: IntrospectionCtx, tx: Tx, report: Report, from: string): Promise<string> => {
  const { config } = ctx;
  const networks = config.NEFOS_INTROSPECTION_ENROLL_NETWORKS;
  if (networks.trim() !== '' && !isTrustedPeer(parsePeers(networks), from))
    throw unusable(['Look up error: machines of this network do not become nodes']);
  const [port] = await listPortsOf(tx, report.lookUp.macs);
  if (port) throw unusable([`Look up error: port ${port.address} already exists, at node ${port.nodeUuid}`]);
  const [other] = await listNodesOf(tx, report.lookUp.addresses);
  if (other) throw unusable([`Look up error: node ${other.nodeUuid} already has the BMC address ${other.address}`]);
  if (!ctx.enrollLimit.allows('', Date.now()))
    throw unusable(['Look up error: too many machines became nodes just now']);
  const fields = config.NEFOS_INTROSPECTION_ENROLL_FIELDS;
  const given: JsonObject = isObject(fields.driver_info) ? fields.driver_info : {};
  const bmc = bmcOf(ctx, report);
  const uuid = randomUUID();
  await insertNode(ctx, tx, {
    driver: config.NEFOS_INTROSPECTION_ENROLL_DRIVER,
    ...fields,
    uuid,
    driver_info: { ...given, ...(bmc !== undefined && { ipmi_address: bmc }) },
  });
  const run = { nodeUuid: uuid, id: randomUUID(), cause: 'discovery' as const, manageBoot: false, discovered: true };
  await awaited(tx, report, { ...run, state: 'enrolling' });
  await notePhase(tx, uuid, 'enrolling', `reported from ${from}`);
  return uuid;
};
/**
 * What becomes of the report of a machine that nobody waits for (contract introspection §6.3): from now on its run is,
 * or it stays unknown.
 * @returns whether it is known now @throws Fault invalid report.unusable
 */
export const discover = (ctx: IntrospectionCtx, report: Report, from: string): Promise<boolean> => {
  const { NEFOS_INTROSPECTION_PERMIT_ACTIVE: active, NEFOS_INTROSPECTION_NODE_NOT_FOUND: hook } = ctx.config;
  const attributes = attributesOf(report.lookUp);
  if (report.failures.length || !attributes.length || (active === 'no' && hook === 'refuse'))
    return Promise.resolve(false);
  return ctx.db.transaction(async (tx) => {
    await lockDiscovery(tx);
    if ((await listMatches(tx, attributes)).length) return true;
    if (active === 'yes' && (await findInUse(tx, report))) return true;
    if (hook === 'refuse') return false;
    await enroll(ctx, tx, report, from);
    return true;
  });
};
