import { notFound } from '@nefos/service-kit';
import type { IntrospectionCtx } from '../../ctx.js';
import { masked } from '../../nodes/domain/driver-secrets.js';
import { copyMachine, loadMachine } from '../../nodes/domain/machines.js';
import type { Machine, MachinePort } from '../../nodes/domain/machine.js';
import { demandNode } from '../../nodes/domain/nodes.js';
import type { AnyRule } from '../../rules/domain/apply-rules.js';
import { rulesInForce } from '../../rules/domain/rules.js';
import { findData } from '../../runs/domain/records.js';
import { findRun } from '../../runs/domain/transitions.js';
import { isObject, valueAt, type Json, type JsonObject } from '../../values.js';

export interface Change {
  path: string;
  /** Absent: it was not there. */
  before?: Json;
  /** Absent: it would not be there. */
  after?: Json;
}
export interface DryRun {
  uuid: string;
  error: string | null;
  applied: string[];
  notes: string[];
  changes: Change[];
}
const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
const changeOf = (path: string, before: Json | undefined, after: Json | undefined): Change => ({
  path,
  ...(before !== undefined && { before }),
  ...(after !== undefined && { after }),
});
/** What differs between two documents, one level down where both have an object. */
const differences = (at: string, before: JsonObject, after: JsonObject, depth = 1): Change[] =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((name): Change[] => {
    const [a, b] = [valueAt(before, name), valueAt(after, name)];
    if (same(a, b)) return [];
    const path = `${at}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    return depth > 0 && isObject(a) && isObject(b) ? differences(path, a, b, depth - 1) : [changeOf(path, a, b)];
  });
/** A machine as one document, without secrets. */
const documentOf = ({ node, ports, traits }: Machine): JsonObject => ({
  node: { ...node, driver_info: masked(node.driver_info), traits: [...traits].sort() },
  ports: Object.fromEntries(ports.map(({ uuid: _, ...port }): [string, JsonObject] => [port.address, plain(port)])),
});
const plain = (port: Omit<MachinePort, 'uuid'>): JsonObject => ({ ...port });

/**
 * What hooks and rules would make of a node and its stored data. Nothing is changed.
 * @param rules absent: those that are in force
 * @throws Fault not_found node.absent, data.absent; invalid: the data can not be read
 */
export const tryRules = async (ctx: IntrospectionCtx, ref: string, rules?: readonly AnyRule[]): Promise<DryRun> => {
  const { uuid } = await demandNode(ctx.db, ref);
  const stored = await findData(ctx.db, uuid, 'unprocessed');
  const machine = await ctx.db.transaction((tx) => loadMachine(tx, uuid));
  if (stored === undefined || !machine)
    throw notFound('data.absent', { message: `Introspection data of node ${ref} was not found` });
  const report = await ctx.reports.read(Buffer.from(stored));
  if (report.failures.length) return { uuid, error: report.failures.join('\n'), applied: [], notes: [], changes: [] };
  const discovered = (await findRun(ctx.db, uuid))?.discovered ?? false;
  const done = await report.process(copyMachine(machine), rules ?? (await rulesInForce(ctx.db)), discovered);
  const changes = differences('', documentOf(machine), documentOf(done.machine), 2);
  return { uuid, error: done.error, applied: done.applied, notes: done.notes, changes };
};
