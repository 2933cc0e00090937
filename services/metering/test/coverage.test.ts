import { createMetrics } from '@nefos/service-kit';
import request, { type Test } from 'supertest';
import { endpoints } from '../src/api/endpoints.js';
import { buildApp } from '../src/app.js';
import { rh, TOKENS, useService } from './support.js';

/** Bodies that would be accepted, so that nothing but the caller decides. */
const BODIES: Record<string, object> = {
  'post /v2/accounts/': { name: 'x', cloud_type: 'aws', account_arn: 'arn:aws:iam::123456789012:role/r' },
  'put /v2/accounts/:id/': { name: 'x', cloud_type: 'aws' },
  'patch /v2/accounts/:id/': { name: 'x' },
  'put /v2/images/:id/': { rhel_challenged: true },
  'patch /v2/images/:id/': { rhel_challenged: true },
  'post /internal/v1/events': { events: [{}] },
};
/** What a stranger meets where it is not 404: only what is everybody's, or nobody's. */
const STRANGERS: Record<string, number> = { 'post /v2/accounts/': 501, 'post /v2/images/:id/reinspect/': 403, 'post /internal/v1/events': 401 };

describe('every endpoint and who may call it', () => {
  const service = useService();
  const all = endpoints.map(({ contract: { method, path } }) => ({ method, path, name: `${method} ${path}` }));
  const call = ({ method, path, name }: (typeof all)[number], headers: Record<string, string>): Test => {
    const made = request(service.app)[method](path.replace(':id', '2')).set(headers);
    return BODIES[name] ? made.send(BODIES[name]) : made;
  };
  const inside = (path: string): boolean => path.startsWith('/internal/');

  it.each(all)('no credential: $name', async (one) => {
    const res = await call(one, {});
    expect(res.status).toBe(inside(one.path) ? 401 : 403);
    if (!inside(one.path)) expect(res.text).toBe('{"detail":"Authentication credentials were not provided."}');
    expect(res.headers['www-authenticate']).toBeUndefined();
  });
  it.each(all)('a token that nobody has: $name', async (one) => {
    expect((await call(one, { 'X-Auth-Token': 'nonsense' })).status).toBe(inside(one.path) ? 401 : 403);
  });
  it.each(all)("a stranger, by header, on another's row: $name", async (one) => {
    const res = await call(one, rh('a-stranger'));
    expect(res.status).toBe(STRANGERS[one.name] ?? (one.path.includes(':id') ? 404 : 200));
    if (res.status === 200 && res.body.data && !one.path.includes('concurrent')) expect(res.body.data).toEqual([]);
  });
  it.each(all)('a person whom no account names, by token: $name', async (one) => {
    const res = await call(one, { Authorization: `Bearer ${TOKENS.person}` });
    expect(res.status).toBe(one.path.startsWith('/internal') ? 403 : (STRANGERS[one.name] ?? (one.path.includes(':id') ? 404 : 200)));
  });
  it('nothing of it has changed a row', async () => {
    expect((await service.call('get', 'accounts/2/')).body.name).toBe('greatest account ever');
    expect((await service.call('get', 'images/2/')).body).toMatchObject({ rhel_challenged: false, status: 'inspected' });
  });
  it('403: the header of a peer that is not trusted is not seen', async () => {
    const app = buildApp({ ...service.ctx, metrics: createMetrics('metering', false), trustedPeers: ['10.0.0.0/8'] });
    await request(app).get('/v2/accounts/').set(rh('1337')).expect(403, '{"detail":"Authentication credentials were not provided."}');
  });
});
