import { isObject, setKey, shown, valueAt, wholeOf, type Json, type JsonObject } from '../../../values.js';
import type { Hook } from '../hook.js';

const keyOf = (part: Json): string => (typeof part === 'string' ? part : shown(part));
const inner = (object: JsonObject, key: string): JsonObject => {
  const there = valueAt(object, key);
  if (isObject(there)) return there;
  const made: JsonObject = {};
  setKey(object, key, made);
  return made;
};
/** Facts in lists of four, as `["disk", "sda", "size", "10"]`, become nested objects in `extra` (contract §7). */
export const extraHardware: Hook = {
  name: 'extra_hardware',
  process: ({ data, settings, skipped }) => {
    const facts = data.data;
    if (facts === undefined) return;
    delete data.data;
    if (!Array.isArray(facts) || facts.length === 0) return;
    if (settings.extraHardwareStrict && !facts.every((one) => Array.isArray(one) && one.length === 4)) {
      skipped('data');
      return;
    }
    const extra: JsonObject = {};
    for (const fact of facts) {
      const [a, b, c, d] = Array.isArray(fact) ? fact : [];
      if (a === undefined) continue;
      const first = inner(extra, keyOf(a));
      if (b === undefined) continue;
      const second = inner(first, keyOf(b));
      if (c !== undefined && d !== undefined) setKey(second, keyOf(c), wholeOf(d) ?? d);
    }
    data.extra = extra;
  },
};
