import type { Json, JsonObject } from '../../values.js';

export const OPERATORS = [
  ...['eq', 'ne', 'lt', 'le', 'gt', 'ge'],
  ...['in-net', 'matches', 'contains', 'is-empty'],
] as const;
export interface Condition {
  op: string;
  /** A path into the data, or into the node with `node://` before it. */
  field: string;
  value?: Json;
  /** Which of several results have to meet it. */
  multiple: 'any' | 'all' | 'first';
  invert: boolean;
}
export interface Action extends JsonObject {
  action: string;
}
/** A rule (contract introspection §3.4, §8). */
export interface Rule {
  uuid: string;
  description: string | null;
  /** Only for nodes whose property `inspection_scope` is this; null: for all. */
  scope: string | null;
  conditions: Condition[];
  actions: Action[];
}
