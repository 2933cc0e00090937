import { networkOf } from '../../addresses.js';
import { Unusable } from '../../processing/domain/hook.js';
import { isObject, shown, type Json, type JsonObject } from '../../values.js';
import { PARAMETERS } from './actions.js';
import { Budget } from './budget.js';
import { readField, readPattern } from './conditions.js';
import { OPERATORS, type Action, type Condition, type Rule } from './rule.js';

/** What is wrong with a rule. Its text is the answer. */
export class BadRule extends Error {}

const MOST = 1000;
const LONGEST_SCOPE = 255;
const LONGEST_DESCRIPTION = 65_536;
const UUID_LIKE = /^(?:urn:uuid:)?\{?[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}\}?$/i;
const isMissing = (value: Json | undefined): boolean => value === undefined || value === null;
const demandList = (name: string, value: Json | undefined): JsonObject[] => {
  if (!Array.isArray(value) || value.length > MOST || !value.every(isObject))
    throw new BadRule(`Invalid ${name}: an array of at most ${MOST} objects is wanted`);
  return value;
};
const demandKnown = (what: string, given: JsonObject, known: readonly string[]): void => {
  const unknown = Object.keys(given).filter((name) => !known.includes(name));
  if (unknown.length) throw new BadRule(`Unexpected parameters of ${what}: ${shown(unknown.join(', '))}`);
};
const NEEDS_VALUE = new Set<string>(OPERATORS.filter((op) => op !== 'is-empty'));
const demandValue = (op: string, value: Json | undefined, budget: Budget): void => {
  if (NEEDS_VALUE.has(op) && isMissing(value)) throw new BadRule(`Missing parameter of condition ${op}: value`);
  if ((op === 'matches' || op === 'contains') && (typeof value !== 'string' || !readPattern(value, budget)))
    throw new BadRule(`Invalid parameter of condition ${op}: ${shown(value)} is no regular expression`);
  if (op === 'in-net' && !networkOf(value))
    throw new BadRule(`Invalid parameter of condition in-net: ${shown(value)} is no network`);
};
const conditionOf = (given: JsonObject, budget: Budget): Condition => {
  const { op, field, value, multiple = 'any', invert = false } = given;
  if (typeof op !== 'string' || !(OPERATORS as readonly string[]).includes(op))
    throw new BadRule(`Unknown condition ${shown(op ?? null)}; there are ${OPERATORS.join(', ')}`);
  demandKnown(`condition ${op}`, given, [
    'op',
    'field',
    'multiple',
    'invert',
    ...(NEEDS_VALUE.has(op) ? ['value'] : []),
  ]);
  if (typeof field !== 'string' || field.length > 1000 || !readField(field))
    throw new BadRule(`Invalid field of condition ${op}: ${shown(field ?? null)} is no path into data:// or node://`);
  demandValue(op, value, budget);
  if (multiple !== 'any' && multiple !== 'all' && multiple !== 'first')
    throw new BadRule(`Invalid parameter multiple of condition ${op}: any, all or first is wanted`);
  if (typeof invert !== 'boolean')
    throw new BadRule(`Invalid parameter invert of condition ${op}: true or false is wanted`);
  return { op, field, ...(value !== undefined && { value }), multiple, invert };
};
const actionOf = (given: JsonObject): Action => {
  const { action, ...parameters } = given;
  const known = typeof action === 'string' && Object.hasOwn(PARAMETERS, action) ? PARAMETERS[action] : undefined;
  if (!known || typeof action !== 'string')
    throw new BadRule(`Unknown action ${shown(action ?? null)}; there are ${Object.keys(PARAMETERS).join(', ')}`);
  demandKnown(`action ${action}`, parameters, Object.keys(known));
  for (const [name, how] of Object.entries(known)) {
    const value = parameters[name];
    const isNull = action === 'set-attribute' && name === 'value' ? value === undefined : isMissing(value);
    if (how === 'needed' && isNull) throw new BadRule(`Missing parameter of action ${action}: ${name}`);
    if ((name === 'path' || name === 'name') && typeof value !== 'string')
      throw new BadRule(`Invalid parameter ${name} of action ${action}: text is wanted`);
  }
  return given as Action;
};

/** @throws BadRule, also when their patterns take too long to be made */
const readConditions = (list: readonly JsonObject[]): Condition[] => {
  const budget = new Budget();
  try {
    return list.map((one) => conditionOf(one, budget));
  } catch (err) {
    if (err instanceof Unusable) throw new BadRule('The regular expressions of the rule are too large');
    throw err;
  }
};

/**
 * A rule as a client sends it (contract introspection §8.1). Unknown keys at the top are passed over.
 * @param newUuid where none is given
 * @throws BadRule
 */
export const readRule = (body: unknown, newUuid: () => string): Rule => {
  if (!isObject(body)) throw new BadRule('Invalid rule: a JSON object is wanted');
  const { uuid, description, scope, conditions = [], actions } = body;
  if (uuid && (typeof uuid !== 'string' || !UUID_LIKE.test(uuid))) throw new BadRule(`Invalid UUID: ${shown(uuid)}`);
  if (!isMissing(scope) && (typeof scope !== 'string' || scope.length > LONGEST_SCOPE))
    throw new BadRule(`Invalid scope: text of at most ${LONGEST_SCOPE} characters is wanted`);
  if (!isMissing(description) && (typeof description !== 'string' || description.length > LONGEST_DESCRIPTION))
    throw new BadRule(`Invalid description: text of at most ${LONGEST_DESCRIPTION} characters is wanted`);
  const list = demandList('actions', actions ?? null);
  if (!list.length) throw new BadRule('Invalid actions: at least one is wanted');
  return {
    uuid: typeof uuid === 'string' && uuid !== '' ? uuid : newUuid(),
    description: (description as string | null | undefined) ?? null,
    scope: (scope as string | null | undefined) ?? null,
    conditions: readConditions(demandList('conditions', conditions)),
    actions: list.map(actionOf),
  };
};
