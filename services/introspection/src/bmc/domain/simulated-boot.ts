import type { IntrospectionCtx } from '../../ctx.js';
import { bmcHostOf } from '../../nodes/domain/bmc-address.js';
import { findNode } from '../../nodes/domain/nodes.js';
import { listPortAddresses } from '../../nodes/domain/port-addresses.js';
import { textOf } from '../../values.js';
import { findSimulatedMachine } from '../store/simulated-machines.js';
import { postReport } from '../post-report.js';
import { isSample, sampleReport } from './samples.js';

/**
 * The ramdisk of a simulated machine: posts the machine's report, as a real one does, over HTTP to where ramdisks
 * report. Nothing when the machine was switched off meanwhile, or on again.
 * @param start which start of the machine
 */
export const bootSimulated = async (ctx: IntrospectionCtx, nodeUuid: string, start: number): Promise<void> => {
  const node = await findNode(ctx.db, nodeUuid);
  const machine = node && (await findSimulatedMachine(ctx.db, nodeUuid));
  const sample = textOf(node?.driverInfo.simulated_machine);
  if (!node || machine?.powerState !== 'power on' || machine.poweredOn !== start) return;
  if (node.driver !== 'fake-hardware' || sample === undefined || !isSample(sample)) return;
  const macs = await listPortAddresses(ctx.db, nodeUuid);
  const report = sampleReport(sample, { uuid: nodeUuid, macs, bmcAddress: bmcHostOf(node.driverInfo) });
  const status = await postReport(ctx.config, report);
  ctx.log.info({ node: nodeUuid, status }, 'a simulated machine has reported');
  // As the agent: 409 and errors of the server are worth another try, other refusals are final (contract §2.10).
  if (status === 409 || status >= 500) throw new Error(`the report of a simulated machine was answered ${status}`);
};
