import { isObject, type Json } from '../../values.js';

// How Python, in which rules were written first, spells values (contract introspection §8.4).

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };
const quoted = (text: string): string => {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  // eslint-disable-next-line no-control-regex -- control characters are spelled out
  const inside = text
    .replace(/[\\\n\r\t]/g, (c) => ESCAPES[c] ?? c)
    .replace(/[\0-\x1f\x7f]/g, (c) => {
      return `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`;
    });
  return quote + (quote === "'" ? inside.replaceAll("'", "\\'") : inside) + quote;
};
/** As `repr` spells it. */
export const pythonRepr = (value: Json): string => {
  if (typeof value === 'string') return quoted(value);
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (Array.isArray(value)) return `[${value.map(pythonRepr).join(', ')}]`;
  if (isObject(value))
    return `{${Object.entries(value)
      .map(([key, one]) => `${quoted(key)}: ${pythonRepr(one)}`)
      .join(', ')}}`;
  return String(value);
};
/** As `str` spells it. */
export const pythonStr = (value: Json): string => (typeof value === 'string' ? value : pythonRepr(value));
