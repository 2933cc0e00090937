import request from 'supertest';
import { CUSTOMER, rh, useService } from './support.js';

describe('pages (contract metering §3)', () => {
  const service = useService();
  const MONTH = 'end_date=2019-07-01&start_date=2019-05-31'; // 31 days
  const link = (limit: number, offset?: number): string =>
    `/api/cloudigrade/v2/concurrent/?end_date=2019-07-01&limit=${limit}${offset === undefined ? '' : `&offset=${offset}`}&start_date=2019-05-31`;

  it.each<[string, string, number, number | null, number | null | undefined, number]>([
    ['the first page', '', 10, 10, null, 10],
    ['previous drops the offset on reaching the first page', '&offset=10', 10, 20, undefined, 10],
    ['previous drops the offset rather than pass zero', '&offset=5', 10, 15, undefined, 10],
    ['a middle page', '&offset=20', 10, 30, 10, 10],
    ['no next on the last full page', '&offset=21', 10, null, 11, 10],
    ['beyond the count: empty', '&offset=50', 10, null, 40, 0],
    ['an own limit', '&limit=7&offset=14', 7, 21, 7, 7],
    ['at most 100', '&limit=1000', 100, null, null, 31],
    ['limit=0', '&limit=0', 10, 10, null, 10],
    ['a negative limit', '&limit=-3', 10, 10, null, 10],
    ['no number', '&limit=zz&offset=zz', 10, 10, null, 10],
    ['a negative offset', '&offset=-5', 10, 10, null, 10],
    ['blanks and underscores are forgiven', '&limit=%201_0%20', 10, 10, null, 10],
    ['no fraction', '&limit=1.5', 10, 10, null, 10],
    ['the last one counts', '&limit=3&limit=4', 4, 4, null, 4],
    ['beyond all numbers', '&offset=99999999999999999999', 10, null, Number.MAX_SAFE_INTEGER - 10, 0],
  ])('200: %s', async (_title, query, limit, next, previous, size) => {
    const { body } = await service.call('get', `concurrent/?${MONTH}${query}`).expect(200);
    expect(body.meta).toEqual({ count: 31 });
    expect(body.data).toHaveLength(size);
    expect(body.links).toEqual({
      first: link(limit, 0),
      next: next === null ? null : link(limit, next),
      previous: previous === null ? null : link(limit, previous),
      last: link(limit, Math.max(0, 31 - limit)),
    });
  });
  it('200: links keep every parameter, sorted by code point, in form encoding', async () => {
    const links = async (query: string) => (await service.call('get', `instances/?${query}`)).body.links;
    expect((await links('zz=a%20b&limit=1&offset=1&aa=1&B=&aa=2')).next).toBe(
      '/api/cloudigrade/v2/instances/?B=&aa=1&aa=2&limit=1&offset=2&zz=a+b',
    );
    expect((await links('foo=%C3%A9%2F~-_.*!(:%2B&limit=2')).next).toBe(
      '/api/cloudigrade/v2/instances/?foo=%C3%A9%2F~-_.%2A%21%28%3A%2B&limit=2&offset=2',
    );
    expect((await links('%F0%9F%98%80=1&%EF%BF%BD=2&bad=%zz')).first).toBe(
      '/api/cloudigrade/v2/instances/?bad=%25zz&limit=10&offset=0&%EF%BF%BD=2&%F0%9F%98%80=1',
    );
  });
  it('200: links begin alike under every prefix', async () => {
    const texts = await Promise.all(
      ['/v2', '/api/v2', '/api/cloudigrade/v2'].map(
        async (prefix) =>
          (await request(service.app).get(`${prefix}/instances/?limit=2`).set(rh(CUSTOMER)).expect(200)).text,
      ),
    );
    expect(new Set(texts).size).toBe(1);
  });
});
