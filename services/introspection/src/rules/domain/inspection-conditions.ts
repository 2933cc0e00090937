import { inNetwork, ipOf, networkOf } from '../../addresses.js';
import { Unusable } from '../../processing/domain/hook.js';
import { numberOf, shown, type Json, type JsonObject } from '../../values.js';
import type { Budget } from './budget.js';
import { isSame, orderOf, OrderError } from './compare.js';
import { AT_ONCE, readPattern } from './conditions.js';
import { CONDITIONS, readOp, type Operation, type Signature } from './inspection-rule.js';
import { filledArgs, itemsOf } from './inspection-values.js';
import { pythonStr } from './python-text.js';

type Test = (args: JsonObject, budget: Budget) => boolean;
/** All values one by one against the next. */
const inRow =
  (meets: (a: Json, b: Json) => boolean): Test =>
  ({ values = null, force_strings: asText }) => {
    if (!Array.isArray(values)) throw new Unusable(`A rule compares what is no list: ${shown(values)}`);
    const list: Json[] = asText === true ? values.map((one) => pythonStr(one)) : values;
    return list.slice(1).every((one, i) => meets(list[i] as Json, one));
  };
const inOrder = (meets: (order: number) => boolean): Test =>
  inRow((a, b) => {
    try {
      return meets(orderOf(a, b));
    } catch (err) {
      if (!(err instanceof OrderError)) throw err;
      throw new Unusable(`A rule compares ${shown(a)} with ${shown(b)}: ${err.message}`);
    }
  });
const patterned =
  (whole: boolean): Test =>
  ({ value = null, regex = null }, budget) => {
    const pattern = readPattern(pythonStr(regex), budget);
    if (!pattern) throw new Unusable(`A rule has ${shown(regex)}, which is no regular expression`);
    const text = pythonStr(value);
    budget.spend(1 + text.length * Math.ceil(pattern.programSize() / AT_ONCE));
    const matcher = pattern.matcher(text);
    return whole ? matcher.matches() : matcher.find();
  };
const inNet: Test = ({ address = null, subnet = null }) => {
  const network = networkOf(subnet);
  if (!network) throw new Unusable(`A rule has ${shown(subnet)}, which is no network`);
  // An interface without an address is in no network.
  if (address === null || address === '' || address === 'None') return false;
  const ip = ipOf(address);
  if (ip === undefined) throw new Unusable(`A rule looks for ${shown(address)} in a network: it is no IP address`);
  return inNetwork(ip, network);
};
const isWord = (value: Json, words: readonly string[]): boolean =>
  typeof value === 'string' && words.includes(value.toLowerCase());
const TESTS: Readonly<Record<string, Test>> = {
  eq: inRow(isSame),
  ne: inRow((a, b) => !isSame(a, b)),
  lt: inOrder((order) => order < 0),
  le: inOrder((order) => order <= 0),
  gt: inOrder((order) => order > 0),
  ge: inOrder((order) => order >= 0),
  'is-empty': ({ value = null }) => ['', 'None', '[]', '{}'].includes(pythonStr(value, 10)),
  'is-none': ({ value = null }) => pythonStr(value, 10) === 'None',
  'is-true': ({ value = null }) => value === true || isWord(value, ['yes', 'true']) || (numberOf(value) ?? 0) !== 0,
  'is-false': ({ value = null }) =>
    value === false || value === null || isWord(value, ['no', 'false']) || numberOf(value) === 0,
  'in-net': inNet,
  matches: patterned(true),
  contains: patterned(false),
  'one-of': ({ value = null, values = null }) =>
    Array.isArray(values)
      ? values.some((one) => isSame(one, value))
      : typeof values === 'string' && values.includes(pythonStr(value)),
};

/**
 * Whether a condition of the successor's form holds. What names something that is not there is null.
 * @throws Unusable when values can not be compared, and when the rules take too long
 */
export const operationHolds = (condition: Operation, variables: JsonObject, budget: Budget): boolean => {
  const { name, inverted } = readOp(condition.op);
  const [test, signature] = [TESTS[name], CONDITIONS[name] as Signature];
  if (!test) return false;
  const meets = (item?: Json): boolean => {
    budget.spend(1);
    const args = filledArgs(condition, signature, variables, item, () => null);
    // What is filled in is text: within a loop all are compared as such.
    return test(item === undefined ? args : { ...args, force_strings: true }, budget) !== inverted;
  };
  const items = itemsOf(condition, variables);
  if (!items) return meets();
  switch (condition.multiple ?? 'any') {
    case 'all':
      return items.every((item) => meets(item));
    case 'first':
      return meets(items[0]);
    case 'last':
      return meets(items.at(-1));
    default:
      return items.some((item) => meets(item));
  }
};
