import { INTERFACE_FIELDS } from '../../nodes/domain/drivers.js';
import type { Machine } from '../../nodes/domain/machine.js';
import { demandTraits } from '../../nodes/domain/trait-names.js';
import { formatCapabilities, isCapabilityValue, parseCapabilities } from '../../processing/domain/capabilities.js';
import { Unusable } from '../../processing/domain/hook.js';
import { shown, type Json, type JsonObject } from '../../values.js';
import { addAt, demanded, extendAt, nodeSubject } from './attribute.js';
import { Budget } from './budget.js';
import { FormatError, formatValue } from './python-format.js';
import { pythonStr } from './python-text.js';
import type { Action } from './rule.js';

/** What actions work with. */
export interface Target {
  data: JsonObject;
  machine: Machine;
}
/** Parameters by name: whether they have to be given. */
export const PARAMETERS: Readonly<Record<string, Readonly<Record<string, 'needed' | 'optional'>>>> = {
  fail: { message: 'needed' },
  'set-attribute': { path: 'needed', value: 'needed', reset_interfaces: 'optional' },
  'set-capability': { name: 'needed', value: 'optional' },
  'extend-attribute': { path: 'needed', value: 'needed', unique: 'optional' },
  'add-trait': { name: 'needed' },
  'remove-trait': { name: 'needed' },
};
/** Gives a capability a value, or takes it away. @throws Unusable */
export const setCapability = ({ node }: Machine, name: string, value: Json | undefined): void => {
  const all = parseCapabilities(node.properties.capabilities);
  if (value === undefined || value === null) {
    if (!all.delete(name)) return;
  } else {
    const text = pythonStr(value);
    if (!isCapabilityValue(text))
      throw new Unusable(`Capability "${shown(name)}" can not have this value: ${shown(text)}`);
    all.set(name, text);
  }
  node.properties.capabilities = formatCapabilities(all);
};
/** @throws Unusable */
export const addTrait = ({ node, traits }: Machine, name: string): void => {
  if (traits.has(name)) return;
  demanded(() => demandTraits(node.uuid, [...traits, name]));
  traits.add(name);
};
/** The interfaces are those that the driver has by itself: none is chosen. */
export const resetInterfaces = ({ node }: Machine): void => {
  for (const name of Object.keys(INTERFACE_FIELDS)) if (Object.hasOwn(node, name)) node[name] = null;
};
/** JSON patch's `add` at a path of the node; a new driver brings its own interfaces. @throws Unusable */
const setAttribute = (machine: Machine, path: string, value: Json, reset?: Json): void => {
  addAt(nodeSubject(machine), path, value);
  if (reset ?? path.replace(/^\//, '') === 'driver') resetInterfaces(machine);
};

/** Paths and names are text: so they were taken. */
const textIn = (value: Json | undefined): string => (typeof value === 'string' ? value : '');

/** Steps that an action takes, besides those of the text that it makes: ten thousand actions are a run's. */
const ACTING = 1000;

const RUN: Readonly<Record<string, (action: Action, target: Target) => void>> = {
  fail: ({ message = null }) => {
    throw new Unusable(pythonStr(message));
  },
  'set-attribute': ({ path, value = null, reset_interfaces: reset }, { machine }) =>
    setAttribute(machine, textIn(path), value, reset),
  'set-capability': ({ name, value }, { machine }) => setCapability(machine, textIn(name), value),
  'extend-attribute': ({ path, value = null, unique }, { machine }) =>
    extendAt(nodeSubject(machine), textIn(path), value, Boolean(unique)),
  'add-trait': ({ name }, { machine }) => addTrait(machine, textIn(name)),
  'remove-trait': ({ name }, { machine }) => {
    machine.traits.delete(textIn(name));
  },
};
/**
 * Carries an action out. Its value is formatted first; the message of `fail` is not.
 * @param rule for the message @throws Unusable
 */
export const runAction = (action: Action, target: Target, rule: string, budget = new Budget()): void => {
  const { action: name, value } = action;
  budget.spend(ACTING);
  try {
    const formatted =
      name === 'fail' || value === undefined
        ? value
        : formatValue(value, { data: target.data }, (steps) => budget.spend(steps));
    RUN[name]?.(formatted === undefined ? action : { ...action, value: formatted }, target);
  } catch (err) {
    if (err instanceof FormatError) throw new Unusable(`Rule ${rule} can not be carried out: ${err.message}`);
    throw err;
  }
};
