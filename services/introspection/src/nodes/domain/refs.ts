const HEX = /^[0-9a-f]{32}$/;
/**
 * The one spelling of a UUID: dashes, braces, `urn:uuid:` and case do not count (contract introspection §2).
 * @returns undefined when the text is none
 */
export const uuidOf = (text: unknown): string | undefined => {
  if (typeof text !== 'string' || text.length > 64) return undefined;
  const hex = text
    .trim()
    .toLowerCase()
    .replace(/^urn:/, '')
    .replace(/^uuid:/, '')
    .replace(/^\{(.*)\}$/, '$1')
    .replaceAll('-', '');
  return HEX.test(hex) ? hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5') : undefined;
};
/** Names of nodes: RFC 3986's unreserved characters, not like a UUID (contract introspection §11.1). */
export const isNodeName = (text: string): boolean =>
  /^[a-zA-Z0-9\-._~]{1,255}$/.test(text) && uuidOf(text) === undefined;
