import { Builder } from 'xml2js';

export const V2_NAMESPACE = 'http://docs.openstack.org/identity/api/v2.0';
const builder = (rootName: string): Builder =>
  new Builder({ rootName, xmldec: { version: '1.0', encoding: 'UTF-8' }, renderOpts: { pretty: false } });
const builders = new Map<string, Builder>();
// Characters that XML 1.0 does not allow, among them lone surrogates.
const ILLEGAL =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
const legal = (text: string): string => text.replace(ILLEGAL, '');

export type XmlElement = { $?: Record<string, string>; [child: string]: unknown };

const NAME = /^(?:([A-Za-z_][\w.-]*):)?[A-Za-z_][\w.-]*$/;
const RESERVED = /^xml/i;
/**
 * Whether this may be the name of an attribute or element where these prefixes are declared. XML reserves names that
 * begin with `xml`.
 */
export const isXmlName = (name: string, prefixes: ReadonlySet<string>): boolean => {
  const found = NAME.exec(name);
  return found !== null && !RESERVED.test(name) && (found[1] === undefined || prefixes.has(found[1]));
};
const DECLARATION = /^xmlns(?::(.+))?$/;
/** The prefixes that the root declares. @throws Error for an invalid one */
const declaredBy = ({ $ = {} }: XmlElement): Set<string> => {
  const prefixes = Object.keys($).flatMap((name) => DECLARATION.exec(name)?.[1] ?? []);
  for (const one of prefixes)
    if (!isXmlName(one, new Set()) || one.includes(':')) throw new Error(`no prefix of XML: ${one}`);
  return new Set(prefixes);
};
/** The value without characters that XML does not allow. @throws Error for an invalid name */
const wellFormed = (value: unknown, prefixes: ReadonlySet<string>, root = false): unknown => {
  if (Array.isArray(value)) return value.map((one) => wellFormed(one, prefixes));
  if (typeof value === 'string') return legal(value);
  if (typeof value !== 'object' || value === null) return value;
  const demand = (name: string): string => {
    if (!isXmlName(name, prefixes)) throw new Error(`no name of XML: ${JSON.stringify(name.slice(0, 100))}`);
    return name;
  };
  return Object.fromEntries(
    Object.entries(value as XmlElement).map(([name, child]) => {
      if (name === '_') return [name, wellFormed(child, prefixes)];
      if (name !== '$') return [demand(name), wellFormed(child, prefixes)];
      const pairs = Object.entries(child as Record<string, string>);
      return [
        name,
        Object.fromEntries(
          pairs.map(([key, text]) => [root && DECLARATION.test(key) ? key : demand(key), legal(text)]),
        ),
      ];
    }),
  );
};

/** Well-formed XML with its declaration first; the root declares the namespaces. @throws Error for an invalid name */
export const toXml = (root: string, element: XmlElement): string => {
  const prefixes = declaredBy(element);
  if (!isXmlName(root, prefixes)) throw new Error(`no name of XML: ${root}`);
  let writer = builders.get(root);
  if (!writer) builders.set(root, (writer = builder(root)));
  return writer.buildObject(wellFormed(element, prefixes, true));
};
/** A refusal in XML (contract identity §1.7). */
export const faultXml = (name: string, code: number, message: string): string =>
  toXml(name, { $: { xmlns: V2_NAMESPACE, code: String(code) }, message, details: '' });
