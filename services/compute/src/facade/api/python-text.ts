const LONGEST = 100;
const DEEPEST = 5;
const cut = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST)}...` : text);
/** Passwords are not repeated in what is refused. */
const SECRET = /pass(?:word)?$|secret|private_key|user_data/i;

const items = (value: object, depth: number): string[] =>
  Array.isArray(value)
    ? value.slice(0, LONGEST).map((one) => shown(one, depth + 1))
    : Object.entries(value)
        .slice(0, LONGEST)
        .map(([key, one]) => `${shown(key, depth + 1)}: ${SECRET.test(key) ? "'***'" : shown(one, depth + 1)}`);
const shown = (value: unknown, depth: number): string => {
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'string') return `'${cut(value)}'`;
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'object') return 'None';
  const inside = depth < DEEPEST ? cut(items(value, depth).join(', ')) : '...';
  return Array.isArray(value) ? `[${inside}]` : `{${inside}}`;
};
/** A value as OpenStack's sentences show it: as Python writes it, shortened. */
export const pythonText = (value: unknown): string => shown(value, 0);
/** The same without the quotes of a text, as in `Value: x.` */
export const plainText = (value: unknown): string =>
  typeof value === 'string' ? pythonText(value).slice(1, -1) : pythonText(value);
