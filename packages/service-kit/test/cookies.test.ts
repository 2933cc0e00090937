import { readCookies } from '@nefos/service-kit';

const read = (cookie?: string, repeated?: 'first' | 'last') => ({
  ...readCookies({ headers: cookie === undefined ? {} : { cookie } }, repeated),
});

describe('cookies', () => {
  it.each([
    [undefined, {}],
    ['', {}],
    ['a=1; b = x%7Cy ; c', { a: '1', b: 'x%7Cy' }],
    ['a="quoted"', { a: '"quoted"' }],
  ])('of %j', (header, found) => expect(Object.entries(read(header))).toEqual(Object.entries(found)));
  it('of a repeated name the first or the last counts', () => {
    expect([read('a=1; a=2'), read('a=1; a=2', 'last')]).toEqual([{ a: '1' }, { a: '2' }]);
  });
});
