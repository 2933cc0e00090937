import type { Json, JsonObject } from '../../values.js';

/** Which of several results have to hold. */
export type Multiple = 'any' | 'all' | 'first' | 'last';
/** A condition or an action of the successor's form (contract introspection §12.1), as it was sent. */
export interface Operation {
  op: string;
  /** By name, or in the order of the operation's own. */
  args: JsonObject | Json[];
  /** It is done once for each, which is `item`. */
  loop?: JsonObject | Json[];
  multiple?: Multiple;
}
export interface InspectionRule {
  form: 'inspection';
  uuid: string;
  conditions: Operation[];
  actions: Operation[];
}
/** What an operation takes. */
export interface Signature {
  needed: readonly string[];
  optional?: readonly string[];
  /** Those in which variables are filled in; in a loop all are. */
  formatted?: readonly string[];
}
const COMPARISON: Signature = { needed: ['values'], optional: ['force_strings'], formatted: ['values'] };
const ONE: Signature = { needed: ['value'], formatted: ['value'] };
const PATTERN: Signature = { needed: ['value', 'regex'], formatted: ['value'] };
export const CONDITIONS: Readonly<Record<string, Signature>> = {
  ...{ eq: COMPARISON, ne: COMPARISON, lt: COMPARISON, le: COMPARISON, gt: COMPARISON, ge: COMPARISON },
  ...{ 'is-empty': ONE, 'is-none': ONE, 'is-true': ONE, 'is-false': ONE },
  ...{ matches: PATTERN, contains: PATTERN },
  'in-net': { needed: ['address', 'subnet'], formatted: ['address', 'subnet'] },
  'one-of': { needed: ['value', 'values'], formatted: ['value', 'values'] },
};
const VALUE_AT: Signature = { needed: ['path', 'value'], formatted: ['value'] };
const LIST_AT: Signature = { ...VALUE_AT, optional: ['unique'] };
const PORT_VALUE: Signature = { needed: ['port_id', 'path', 'value'], formatted: ['port_id', 'value'] };
export const ACTIONS: Readonly<Record<string, Signature>> = {
  fail: { needed: ['msg'] },
  log: { needed: ['msg'], optional: ['level'], formatted: ['msg'] },
  'set-attribute': VALUE_AT,
  'extend-attribute': LIST_AT,
  'del-attribute': { needed: ['path'] },
  'set-capability': { needed: ['name', 'value'], formatted: ['value'] },
  'unset-capability': { needed: ['name'] },
  'add-trait': { needed: ['name'] },
  'remove-trait': { needed: ['name'] },
  'set-plugin-data': VALUE_AT,
  'extend-plugin-data': LIST_AT,
  'unset-plugin-data': { needed: ['path'] },
  'set-port-attribute': PORT_VALUE,
  'extend-port-attribute': { ...PORT_VALUE, optional: ['unique'] },
  'del-port-attribute': { needed: ['port_id', 'path'], formatted: ['port_id'] },
};
/** The operation without the mark of its inversion. */
export const readOp = (op: string): { name: string; inverted: boolean } => {
  const inverted = op.startsWith('!');
  return { name: inverted ? op.slice(1).trim() : op, inverted };
};
/**
 * Arguments by name; those in a row have the order of the signature. Of a comparison they may be the values themselves:
 * the original's own clients send `["{node.driver}", "fake"]`.
 */
export const argsByName = (args: JsonObject | Json[], { needed, optional = [] }: Signature): JsonObject => {
  if (!Array.isArray(args)) return args;
  if (needed[0] === 'values' && args.length > 1 && !Array.isArray(args[0])) return { values: args };
  return Object.fromEntries(args.map((value, i) => [[...needed, ...optional][i] ?? `argument ${i + 1}`, value]));
};
