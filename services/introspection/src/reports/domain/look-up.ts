import { Fault } from '@nefos/service-kit';
import type { Attribute } from '../../runs/domain/records.js';
import type { LookUp } from './read-report.js';

/** Of a message; a machine may have thousands. */
const SHOWN = 20;
const shownList = (all: readonly string[]): string =>
  `[${all
    .slice(0, SHOWN)
    .map((one) => `'${one}'`)
    .join(', ')}${all.length > SHOWN ? ', …' : ''}]`;
export const shownLookUp = ({ addresses, macs }: LookUp): string =>
  `{'bmc_address': ${shownList(addresses)}, 'mac': ${shownList(macs)}}`;
export const attributesOf = ({ addresses, macs }: LookUp): Attribute[] => [
  ...addresses.map((value) => ({ kind: 'bmc_address' as const, value })),
  ...macs.map((value) => ({ kind: 'mac' as const, value })),
];

/** Whom a report is from. */
export type Recognised =
  | { node: string; others: string[] }
  /** Nobody waits for such a machine, or it can not be told for which; `text` says it. */
  | { node: undefined; ambiguous: boolean; text: string };
/**
 * The node with most of the addresses; one of several that have as many is none (contract introspection §6.2).
 * @param matches best first
 */
export const recognised = (lookUp: LookUp, matches: readonly { nodeUuid: string; score: number }[]): Recognised => {
  const unknown = (text: string, ambiguous = false): Recognised => ({ node: undefined, ambiguous, text });
  if (lookUp.addresses.length + lookUp.macs.length === 0)
    return unknown('Look up error: could not find a node, the report has neither a BMC address nor a MAC');
  const [best, second] = matches;
  if (!best) return unknown(`Look up error: could not find a node for attributes ${shownLookUp(lookUp)}`);
  const equal = matches.filter(({ score }) => score === best.score).map(({ nodeUuid }) => nodeUuid);
  if (second?.score !== best.score)
    return { node: best.nodeUuid, others: matches.slice(1).map(({ nodeUuid }) => nodeUuid) };
  return unknown(
    `Look up error: multiple nodes match the same number of attributes ${shownLookUp(lookUp)}: ${shownList(equal)}`,
    true,
  );
};
/** Nobody waits for the machine of a report, or it can not be told for which node; a line for each of the reasons. */
export const unrecognised = (lines: readonly string[]): Fault =>
  new Fault('invalid', 'report.unrecognised', { message: lines.join('\n') });
/** What all that is wrong with a report is told with: a line for each. */
export const unusable = (lines: readonly string[]): Fault =>
  new Fault('invalid', 'report.unusable', { message: lines.join('\n') });
