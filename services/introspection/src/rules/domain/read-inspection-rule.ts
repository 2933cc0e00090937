import { networkOf } from '../../addresses.js';
import { Unusable } from '../../processing/domain/hook.js';
import { isObject, shown, valueAt, wholeOf, type Json, type JsonObject } from '../../values.js';
import { Budget } from './budget.js';
import { readPattern } from './conditions.js';
import {
  ACTIONS,
  argsByName,
  CONDITIONS,
  readOp,
  type Multiple,
  type Operation,
  type Signature,
} from './inspection-rule.js';
import { BadRule } from './read-rule.js';

/** What a person says of a rule (contract introspection §12.1). */
export interface GivenRule {
  uuid: string | null;
  description: string | null;
  priority: number;
  phase: string;
  sensitive: boolean;
  conditions: Operation[];
  actions: Operation[];
}
const MOST = 1000;
const MOST_PRIORITY = 9999;
const LONGEST_DESCRIPTION = 255;
const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
export const PATCHABLE = ['description', 'priority', 'phase', 'sensitive', 'conditions', 'actions'];
const MULTIPLE: readonly unknown[] = ['any', 'all', 'first', 'last'];
const LEVELS: readonly unknown[] = ['debug', 'info', 'warning', 'error', 'critical'];
const bad = (text: string): never => {
  throw new BadRule(text);
};

const demandArgs = (what: string, args: Json | undefined, signature: Signature): JsonObject => {
  if (!isObject(args) && !Array.isArray(args)) return bad(`args of ${what} must be either a list or dictionary`);
  const known = [...signature.needed, ...(signature.optional ?? [])];
  const named = argsByName(args, signature);
  const missing = signature.needed.filter((name) => !Object.hasOwn(named, name));
  if (missing.length) bad(`${what}: missing required argument(s): ${missing.join(', ')}`);
  const unknown = Object.keys(named).filter((name) => !known.includes(name));
  if (unknown.length) bad(`${what}: unexpected argument(s): ${shown(unknown.join(', '))}`);
  return named;
};
const hasVariables = (value: Json | undefined): boolean => typeof value === 'string' && value.includes('{');
/** Values that can be judged now are; those that are made of variables when they are known. */
const demandValues = (what: string, name: string, args: JsonObject, budget: Budget): void => {
  const { regex, subnet, values, level } = args;
  if (regex !== undefined && (typeof regex !== 'string' || !readPattern(regex, budget)))
    bad(`${what}: ${shown(regex)} is no regular expression`);
  if (name === 'in-net' && !hasVariables(subnet) && !networkOf(subnet)) bad(`${what}: ${shown(subnet)} is no network`);
  if (values !== undefined && !Array.isArray(values) && !hasVariables(values)) bad(`${what}: values must be a list`);
  if (level !== undefined && !(typeof level === 'string' && LEVELS.includes(level.toLowerCase())))
    bad(`${what}: level is one of ${LEVELS.join(', ')}`);
  for (const key of ['path', 'name', 'port_id'])
    if (Object.hasOwn(args, key) && typeof args[key] !== 'string') bad(`${what}: ${key} must be a string`);
};
const operationOf = (
  kind: 'condition' | 'action',
  given: Json,
  all: Readonly<Record<string, Signature>>,
  budget: Budget,
): Operation => {
  if (!isObject(given)) return bad(`each ${kind} must be a dictionary`);
  const { op, args, loop, multiple } = given;
  const { name } = readOp(typeof op === 'string' ? op : '');
  const signature = kind === 'action' && name !== op ? undefined : valueAt(all as never, name);
  if (name === 'api-call')
    bad('api-call is not offered: nothing waits for another service while a report is processed');
  if (typeof op !== 'string' || !signature)
    return bad(`Unsupported ${kind} ${shown(op ?? null)}. Supported are ${Object.keys(all).join(', ')}`);
  const what = `${kind} ${op}`;
  demandValues(what, name, demandArgs(what, args, signature as unknown as Signature), budget);
  if (loop !== undefined && !isObject(loop) && !Array.isArray(loop)) bad(`${what}: loop must be a list or dictionary`);
  if (multiple !== undefined && (kind === 'action' || !MULTIPLE.includes(multiple)))
    bad(`${what}: multiple is one of ${MULTIPLE.join(', ')}, of conditions`);
  return {
    op,
    args: args as Operation['args'],
    ...(loop !== undefined && { loop: loop as JsonObject | Json[] }),
    ...(multiple !== undefined && { multiple: multiple as Multiple }),
  };
};
const operations = (
  kind: 'condition' | 'action',
  given: Json | undefined,
  all: Readonly<Record<string, Signature>>,
): Operation[] => {
  if (!Array.isArray(given) || given.length > MOST) return bad(`${kind}s must be a list of at most ${MOST}`);
  const budget = new Budget();
  try {
    return given.map((one) => operationOf(kind, one, all, budget));
  } catch (err) {
    if (err instanceof Unusable) return bad('The regular expressions of the rule are too large');
    throw err;
  }
};

/** A rule as a client sends it. @throws BadRule */
export const readInspectionRule = (body: unknown): GivenRule => {
  if (!isObject(body)) return bad('Schema error for inspection rule: a JSON object is wanted');
  const { uuid = null, description = null, conditions, actions } = body;
  const priority = wholeOf(body.priority ?? 0);
  const [unknown] = Object.keys(body).filter((name) => name !== 'uuid' && !PATCHABLE.includes(name));
  if (unknown !== undefined)
    bad(`Schema error for inspection rule: Additional properties are not allowed ('${shown(unknown)}' was unexpected)`);
  if (uuid !== null && (typeof uuid !== 'string' || !UUID.test(uuid))) bad(`Expected UUID for uuid: ${shown(uuid)}`);
  if (description !== null && (typeof description !== 'string' || description.length > LONGEST_DESCRIPTION))
    bad(`Schema error for inspection rule: description is not a string of at most ${LONGEST_DESCRIPTION} characters`);
  if (typeof body.priority === 'string' || priority === undefined || priority < 0 || priority > MOST_PRIORITY)
    return bad(`Priority must be between 0 and ${MOST_PRIORITY} for user-defined rules.`);
  const sensitive = body.sensitive ?? false;
  if (typeof sensitive !== 'boolean') return bad('Schema error for inspection rule: sensitive is not of type boolean');
  const phase = body.phase ?? 'main';
  if (phase !== 'main') bad(`Invalid phase: ${shown(phase)}. Valid phases are: main`);
  const done = operations('action', actions, ACTIONS);
  if (!done.length) bad('Schema error for inspection rule: at least one action is needed');
  return {
    uuid: uuid as string | null,
    description: description as string | null,
    ...{ priority, phase: 'main', sensitive, actions: done },
    conditions: operations('condition', conditions ?? [], CONDITIONS),
  };
};
