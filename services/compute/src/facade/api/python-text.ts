/** A value as OpenStack's sentences show it: as Python writes it, shortened. */
export const pythonText = (value: unknown): string => {
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'string') return `'${value.length > 100 ? `${value.slice(0, 100)}...` : value}'`;
  if (typeof value === 'number') return String(value);
  const text = JSON.stringify(value) ?? 'None';
  return text.length > 100 ? `${text.slice(0, 100)}...` : text;
};
/** The same without the quotes of a text, as in `Value: x.` */
export const plainText = (value: unknown): string =>
  typeof value === 'string' ? pythonText(value).slice(1, -1) : pythonText(value);
