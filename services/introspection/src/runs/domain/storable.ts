/**
 * Text of a ramdisk or a BMC so that it can be stored and answered: without NUL, which PostgreSQL does not take,
 * without halves of pairs, and not longer than `max` characters.
 */
export const storable = (text: string, max: number): string => {
  const clean = text.replaceAll('\0', '').toWellFormed();
  return clean.length > max ? `${clean.slice(0, max - 1).toWellFormed()}…` : clean;
};
