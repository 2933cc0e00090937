import { Builder } from 'xml2js';

export const V2_NAMESPACE = 'http://docs.openstack.org/identity/api/v2.0';
const builder = (rootName: string): Builder => new Builder({ rootName, xmldec: { version: '1.0', encoding: 'UTF-8' }, renderOpts: { pretty: false } });
const builders = new Map<string, Builder>();
// Characters that XML 1.0 does not know, lone halves of surrogate pairs among them.
const ILLEGAL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
export const legal = (text: string): string => text.replace(ILLEGAL, '');

export type XmlElement = { $?: Record<string, string>; [child: string]: unknown };
/** Well-formed XML with its declaration first. */
export const toXml = (root: string, element: XmlElement): string => {
  let made = builders.get(root);
  if (!made) builders.set(root, (made = builder(root)));
  return made.buildObject(element);
};
/** A fault in XML (contract identity §1.7). */
export const faultXml = (name: string, code: number, message: string): string =>
  toXml(name, { $: { xmlns: V2_NAMESPACE, code: String(code) }, message: legal(message), details: '' });
