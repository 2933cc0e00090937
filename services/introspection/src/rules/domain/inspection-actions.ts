import { macOf } from '../../addresses.js';
import type { Machine, MachinePort } from '../../nodes/domain/machine.js';
import { Unusable } from '../../processing/domain/hook.js';
import { isObject, setKey, shown, valueAt, type Json, type JsonObject } from '../../values.js';
import { addTrait, resetInterfaces, setCapability } from './actions.js';
import { extendAt, nodeSubject, portSubject, putAt, removeAt } from './attribute.js';
import type { Budget } from './budget.js';
import { isSame } from './compare.js';
import { ACTIONS, type Operation, type Signature } from './inspection-rule.js';
import { filledArgs, itemsOf, variablesOf } from './inspection-values.js';
import { pythonStr } from './python-text.js';

/** What actions work with. */
export interface InspectionTarget {
  data: JsonObject;
  machine: Machine;
  /** Takes what rules say of a run. */
  note: (text: string) => void;
}
type Run = (args: JsonObject, target: InspectionTarget) => void;
const text = (value: Json | undefined): string => (typeof value === 'string' ? value : pythonStr(value ?? null, 1000));
/** `properties.x` is `properties/x`. */
const pathOf = ({ path }: JsonObject): string => {
  const given = text(path);
  return given.includes('/') ? given : given.replaceAll('.', '/');
};
/** @throws Unusable */
const portOf = ({ port_id: id }: JsonObject, { ports }: Machine): MachinePort => {
  const mac = macOf(id);
  const port = ports.find((one) => one.uuid === id || (mac !== undefined && macOf(one.address) === mac));
  if (!port) throw new Unusable(`Port ${shown(id)} could not be found.`);
  return port;
};

interface Place {
  holder: JsonObject;
  key: string;
}
/**
 * Where a path such as `a.b` leads in the data beside the inventory, which rules must not change.
 * @param made whether objects are made on the way @throws Unusable
 */
const placeIn = (data: JsonObject, args: JsonObject, made: boolean): Place | undefined => {
  const parts = text(args.path).replace(/^\//, '').split(/[./]/);
  if (parts[0] === 'inventory' || parts.includes(''))
    throw new Unusable(`A rule sets "${shown(args.path)}" in the data`);
  const key = parts.pop() ?? '';
  let holder = data;
  for (const part of parts) {
    let next = valueAt(holder, part);
    if (next === undefined && made) setKey(holder, part, (next = {}));
    if (!isObject(next)) {
      if (made) throw new Unusable(`A rule sets "${shown(args.path)}", but the data have something else on the way`);
      return undefined;
    }
    holder = next;
  }
  return { holder, key };
};
const setData = (data: JsonObject, args: JsonObject, change: (there: Json | undefined) => Json): void => {
  const place = placeIn(data, args, true);
  if (place) setKey(place.holder, place.key, change(valueAt(place.holder, place.key)));
};
const extended =
  ({ path, value = null, unique }: JsonObject) =>
  (there: Json | undefined): Json => {
    const list = there ?? [];
    if (!Array.isArray(list)) throw new Unusable(`A rule extends "${shown(path)}" of the data, which is no list`);
    return unique === true && list.some((one) => isSame(one, value)) ? list : [...list, value];
  };

const RUN: Readonly<Record<string, Run>> = {
  fail: ({ msg }) => {
    throw new Unusable(text(msg));
  },
  log: ({ msg }, { note }) => note(text(msg)),
  'set-attribute': (args, { machine }) => {
    const path = pathOf(args);
    putAt(nodeSubject(machine), path, args.value ?? null, true);
    if (path.replace(/^\//, '') === 'driver') resetInterfaces(machine);
  },
  'extend-attribute': (args, { machine }) =>
    extendAt(nodeSubject(machine), pathOf(args), args.value ?? null, args.unique === true, true),
  'del-attribute': (args, { machine }) => removeAt(nodeSubject(machine), pathOf(args)),
  'set-capability': ({ name, value = null }, { machine }) => setCapability(machine, text(name), pythonStr(value)),
  'unset-capability': ({ name }, { machine }) => setCapability(machine, text(name), undefined),
  'add-trait': ({ name }, { machine }) => addTrait(machine, text(name)),
  'remove-trait': ({ name }, { machine }) => {
    machine.traits.delete(text(name));
  },
  'set-plugin-data': (args, { data }) => setData(data, args, () => args.value ?? null),
  'extend-plugin-data': (args, { data }) => setData(data, args, extended(args)),
  'unset-plugin-data': (args, { data }) => {
    const place = placeIn(data, args, false);
    if (place) delete place.holder[place.key];
  },
  'set-port-attribute': (args, { machine }) =>
    putAt(portSubject(portOf(args, machine)), pathOf(args), args.value ?? null, true),
  'extend-port-attribute': (args, { machine }) =>
    extendAt(portSubject(portOf(args, machine)), pathOf(args), args.value ?? null, args.unique === true, true),
  'del-port-attribute': (args, { machine }) => removeAt(portSubject(portOf(args, machine)), pathOf(args)),
};
/** Steps of one. */
const ACTION = 1000;
/** Carries an action of the successor's form out, in a loop once for each item. @throws Unusable */
export const runOperation = (action: Operation, target: InspectionTarget, rule: string, budget: Budget): void => {
  const signature = ACTIONS[action.op] as Signature;
  const missing = (err: Error): never => {
    throw new Unusable(`Rule ${rule} can not be carried out: ${err.message}`);
  };
  const variables = variablesOf(target.data, target.machine);
  for (const item of itemsOf(action, variables) ?? [undefined]) {
    budget.spend(ACTION);
    RUN[action.op]?.(filledArgs(action, signature, variables, item, missing), target);
  }
};
