import { Fault, parseMultipart, parseUrlencoded } from '@nefos/service-kit';
import { cpuOf } from '@nefos/testing';

const TYPE = 'multipart/form-data; boundary=x';
const part = (name: string, value = '1'): string =>
  `--x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
const END = '--x--\r\n';
const read = async (body: string, type = TYPE): Promise<unknown> => {
  try {
    return await parseMultipart(Buffer.from(body), type);
  } catch (err) {
    return err instanceof Fault ? err.code : err;
  }
};

describe('forms of a stranger', () => {
  it.each([
    ['parts without a name', '--x\r\n\r\n\r\n'.repeat(27_700)],
    ['one name repeated', part('a').repeat(4600)],
    ['many names', Array.from({ length: 4600 }, (_, i) => part(`f${i}`)).join('')],
    ['files', part('a"; filename="b').repeat(4000)],
    ['one part more than the bound', part('a').repeat(101)],
  ])('%s: refused before they are parsed', async (_name, body) => {
    let said: unknown;
    const ms = await cpuOf(async () => {
      said = await read(body + END);
    });
    expect(said).toBe('body.multipart');
    expect(ms).toBeLessThan(150);
  });
  it('as many parts as the bound are read', async () => {
    const names = Array.from({ length: 100 }, (_, i) => `f${i}`);
    expect(await read(names.map((n) => part(n)).join('') + END)).toEqual(
      Object.fromEntries(names.map((n) => [n, '1'])),
    );
  });
  it('lines that only look like a boundary are text', async () => {
    const text = '--y\r\n-- \r\n--'.repeat(2000);
    expect(await read(part('a', text) + END)).toEqual({ a: text });
  });
  it.each([
    'multipart/form-data; boundary="x"',
    'multipart/form-data;boundary=x',
    'multipart/form-data; charset=utf-8; Boundary=x ; a=b',
    'Multipart/Form-Data; boundary=x;',
  ])('the boundary is found: %s', async (type) => expect(await read(part('a') + END, type)).toEqual({ a: '1' }));
  it.each([
    'multipart/form-data',
    'multipart/form-data; boundary=',
    'multipart/form-data; boundary=""',
    `multipart/form-data; boundary=${'x'.repeat(71)}`,
    "multipart/form-data; boundary*=utf-8''x",
    'multipart/form-data; boundary="x\\"',
    `multipart/form-data; boundary=x; a=${'b'.repeat(600)}`,
  ])('no boundary: %s', async (type) => expect(await read(part('a') + END, type)).toBe('body.multipart'));
  it('a urlencoded form has at most 1,000 fields, counted before they are parsed', async () => {
    expect(
      Object.keys(parseUrlencoded(Buffer.from(Array.from({ length: 1000 }, (_, i) => `f${i}=1`).join('&')))),
    ).toHaveLength(1000);
    expect(() => parseUrlencoded(Buffer.from('a=1&'.repeat(1001)))).toThrow('body.form');
    const ms = await cpuOf(() => expect(() => parseUrlencoded(Buffer.from('a&'.repeat(500_000)))).toThrow('body.form'));
    expect(ms).toBeLessThan(150);
  });
});
