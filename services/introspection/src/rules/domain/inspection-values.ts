import type { Machine } from '../../nodes/domain/machine.js';
import { isObject, type Json, type JsonObject } from '../../values.js';
import { argsByName, type Operation, type Signature } from './inspection-rule.js';
import { FormatError, formatValue } from './python-format.js';
import { subjectOf } from './run-rules.js';

/** What `{node.driver}`, `{inventory[…]}` and `{plugin_data[…]}` are filled in from. */
export const variablesOf = (data: JsonObject, machine: Machine): JsonObject => {
  const { inventory, ...rest } = data;
  return { node: subjectOf(machine), inventory: isObject(inventory) ? inventory : {}, plugin_data: rest };
};
/** The items of a loop, filled in; an object is one item. Without a loop, nothing. */
export const itemsOf = ({ loop }: Operation, variables: JsonObject): Json[] | undefined => {
  if (loop === undefined || Object.keys(loop).length === 0) return undefined;
  return Array.isArray(loop) ? loop.map((one) => filled(one, variables)) : [filled(loop, variables)];
};
/** As it is where it can not be filled in. */
const filled = (value: Json, variables: JsonObject): Json => {
  try {
    return formatValue(value, variables);
  } catch (err) {
    if (err instanceof FormatError) return value;
    throw err;
  }
};
/**
 * The arguments of an operation, by name and filled in.
 * @param item of a loop, in which every argument is filled in
 * @param otherwise what becomes of one that names what is not there @throws what `otherwise` throws
 */
export const filledArgs = (
  { args }: Operation,
  signature: Signature,
  variables: JsonObject,
  item: Json | undefined,
  otherwise: (err: FormatError) => Json,
): JsonObject => {
  const all = item === undefined ? variables : { ...variables, item };
  const fill = (name: string, value: Json): Json => {
    const always = signature.formatted?.includes(name) ?? false;
    if (!always && item === undefined) return value;
    try {
      return formatValue(value, all);
    } catch (err) {
      if (!(err instanceof FormatError)) throw err;
      return always ? otherwise(err) : value;
    }
  };
  return Object.fromEntries(
    Object.entries(argsByName(args, signature)).map(([name, value]) => [name, fill(name, value)]),
  );
};
