import { Parser } from 'xml2js';
import { isXmlName, toXml } from './xml.js';

const NAMES = [
  'xmlns',
  'XMLNS',
  'xml',
  'xmlFoo',
  'xmlns:SNF',
  'other:name',
  ':a',
  'a:',
  'a b',
  'a"b',
  'a=b',
  '1a',
  '-a',
  '',
  'a:b:c',
  'a\nb',
  '<a',
];
const declared = { xmlns: 'urn:one', 'xmlns:SNF': 'urn:two' };

describe('the writer of XML', () => {
  it.each(NAMES)('throws rather than writes the name %j, of an attribute, an element or the root', (name) => {
    expect(() => toXml('root', { $: declared, child: { $: { [name]: 'x' } } })).toThrow('no name of XML');
    expect(() => toXml('root', { $: declared, list: [{ inner: { [name]: { $: {} } } }] })).toThrow('no name of XML');
    expect(() => toXml(name, { $: declared })).toThrow('no name of XML');
    expect(isXmlName(name, new Set(['SNF']))).toBe(false);
  });
  it.each(['xmlns:', 'xmlns:xml', 'xmlns:xmlns', 'xmlns:1', 'xmlns:a b', 'xmlns:a:b'])(
    'throws for the declaration %j',
    (name) => {
      expect(() => toXml('root', { $: { [name]: 'urn:x' } })).toThrow(/no (prefix|name) of XML/);
    },
  );
  it('declares at the root alone: a namespace further in would change what the names mean', () => {
    expect(() => toXml('root', { $: declared, child: { $: { xmlns: 'urn:other' } } })).toThrow('no name of XML');
  });
  it('writes the rest, without characters that XML does not know', async () => {
    const text = toXml('SNF:root', {
      $: declared,
      child: [{ $: { 'SNF:a': 'x\u0000\ud800y' }, _: '<&>"\ufffe' }],
      other: 'é\u0007',
    });
    expect(text).toMatch(/^<\?xml version="1.0" encoding="UTF-8"\?>/);
    const parser = new Parser({ xmlns: true, strict: true });
    const { 'SNF:root': root } = (await parser.parseStringPromise(text)) as {
      'SNF:root': { child: { _: string; $: Record<string, { value: string }> }[]; other: unknown[] };
    };
    expect([root.child[0]?._, root.child[0]?.$['SNF:a']?.value]).toEqual(['<&>"', 'xy']);
    expect(JSON.stringify(root.other)).toContain('é');
  });
});
