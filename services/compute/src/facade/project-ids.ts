/**
 * Ids of projects: compute keeps 32 hexadecimal digits, identity's tokens and catalogs have them as a uuid. OpenStack's
 * face shows them as tokens do, and reads both (contract compute §12.1).
 */
export const projectOnWire = (id: string): string => id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
/** undefined: it is no id of a project. */
export const projectOfWire = (shown: string): string | undefined => {
  const id = shown.replaceAll('-', '').toLowerCase();
  return /^[0-9a-f]{32}$/.test(id) ? id : undefined;
};
