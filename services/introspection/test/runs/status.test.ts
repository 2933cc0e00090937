import { randomUUID } from 'node:crypto';
import { TOKENS } from '../support.js';
import { HOST, useRuns, type Status } from './support.js';

const service = useRuns({ NEFOS_INTROSPECTION_API_MAX_LIMIT: '1000' });
const list = async (query = ''): Promise<Status[]> => {
  const res = await service.call('get', `/v1/introspection${query}`).set('Host', HOST).expect(200);
  expect(Object.keys(res.body as object)).toEqual(['introspection']);
  return (res.body as { introspection: Status[] }).introspection;
};
const uuids = (all: Status[]): string[] => all.map(({ uuid }) => uuid);
/** A run in a state, started at a time. */
const run = async (state: string, startedAt: string): Promise<string> => {
  const uuid = await service.node();
  await service.start(uuid).expect(202);
  await service.rows('update run set state = $2, started_at = $3 where node_uuid = $1', [uuid, state, startedAt]);
  return uuid;
};

describe('GET /v1/introspection/{node}', () => {
  it('200: exactly the documented fields, sorted, times without a zone, microseconds only when there are some', async () => {
    const uuid = await run('finished', '2017-08-16 12:22:01+00');
    await service.rows(`update run set finished_at = '2017-08-16 12:24:30.000042+00' where node_uuid = $1`, [uuid]);
    const res = await service.call('get', `/v1/introspection/${uuid}`, TOKENS.observer).set('Host', HOST).expect(200);
    expect(res.text).toBe(
      `{"error":null,"finished":true,"finished_at":"2017-08-16T12:24:30.000042",` +
        `"links":[{"href":"http://${HOST}/v1/introspection/${uuid}","rel":"self"}],` +
        `"started_at":"2017-08-16T12:22:01","state":"finished","uuid":"${uuid}"}\n`,
    );
  });
  it('200: old versions see the same; HEAD has no body; both slash forms', async () => {
    const uuid = await run('waiting', '2017-08-16 12:22:02+00');
    const path = `/v1/introspection/${uuid}`;
    const old = await service
      .call('get', `${path}/`)
      .set('X-OpenStack-Ironic-Inspector-API-Version', '1.0')
      .expect(200);
    expect(Object.keys(old.body as object)).toEqual(
      ['error', 'finished', 'finished_at', 'links', 'started_at', 'state', 'uuid'], // prettier-ignore
    );
    expect((await service.call('head', path).expect(200)).text).toBeUndefined();
  });
  it('404: nodes that were never introspected, and unknown ones', async () => {
    const uuid = await service.node({ name: 'never' });
    for (const ref of [uuid, 'never', randomUUID(), 'nobody'])
      await service.call('get', `/v1/introspection/${ref}`).expect(404);
  });
  it('401, 403: without a token, without a role', async () => {
    await service.call('get', '/v1/introspection/x', '').expect(401);
    await service.call('get', '/v1/introspection/x', TOKENS.person).expect(403);
  });
  it('405: other methods, with Allow', async () => {
    const res = await service.call('delete', '/v1/introspection/x').expect(405);
    expect(res.headers.allow).toBe('POST, GET, HEAD, OPTIONS');
  });
});

describe('GET /v1/introspection', () => {
  let all: string[];
  beforeAll(async () => {
    const same = [await run('error', '2020-01-01 00:00:03+00'), await run('waiting', '2020-01-01 00:00:03+00')];
    const newest = await run('starting', '2020-01-01 00:00:04.000001+00');
    all = [newest, ...same.sort().reverse(), await run('waiting', '2020-01-01 00:00:02+00')];
  });
  it('200: newest first, by the pair of time and uuid; each as its own status', async () => {
    const found = await list();
    expect(uuids(found).slice(0, 4)).toEqual(all);
    expect(found[0]).toEqual(await service.status(all[0] ?? ''));
    expect(await list('/')).toEqual(found);
  });
  it('200: limit and marker page through everything, and end in an empty list', async () => {
    const every = uuids(await list());
    let found: string[] = [];
    for (let marker = ''; ; marker = `&marker=${found.at(-1) ?? ''}`) {
      const page = uuids(await list(`?limit=1${marker}`));
      if (!page.length) break;
      found = [...found, ...page];
    }
    expect(found).toEqual(every);
  });
  it('200: a marker in another spelling; a limit of 0, 1000 and with blanks', async () => {
    const marker = (all[0] ?? '').replaceAll('-', '').toUpperCase();
    expect(uuids(await list(`?marker=${marker}&limit=2`))).toEqual(all.slice(1, 3));
    for (const limit of ['0', '1000', '%20999%20', '+5'])
      expect((await list(`?limit=${limit}`)).length).toBeGreaterThan(3);
  });
  it('200: only some states, in the same order, also across a marker; a state twice is once', async () => {
    const waiting = uuids((await list()).filter(({ state }) => state === 'waiting'));
    expect(uuids(await list('?state=waiting'))).toEqual(waiting);
    expect(uuids(await list('?state=waiting,waiting&limit=1'))).toEqual(waiting.slice(0, 1));
    const some = uuids((await list()).filter(({ state }) => state !== 'starting' && state !== 'finished'));
    expect(uuids(await list('?state=waiting,error'))).toEqual(some);
    expect(uuids(await list(`?state=error,waiting&limit=2&marker=${some[0] ?? ''}`))).toEqual(some.slice(1, 3));
  });
  it('200: the first value of a parameter counts', async () => {
    expect(await list('?limit=1&limit=x&state=waiting&state=x')).toHaveLength(1);
  });
  it.each(['limit=-1', 'limit=1001', 'limit=x', 'limit=', 'limit=1.5', 'limit=1e3', 'limit=9999999999'])(
    '400: %s',
    async (query) => {
      const { body } = await service.call('get', `/v1/introspection?${query}`).expect(400);
      expect(body.error.message).toMatch(/limit/i);
    },
  );
  it.each(['marker=', 'marker=x', 'marker=%00', `marker=${'a'.repeat(300)}`])('400: %s', async (query) => {
    await service.call('get', `/v1/introspection?${query}`).expect(400);
  });
  it('404: a marker without a run', async () => {
    await service.call('get', `/v1/introspection?marker=${randomUUID()}`).expect(404);
  });
  it.each(['Waiting', 'waiting, error', '', 'waiting,', 'nope,waiting,odd'])(
    '400: state=%s, naming the bad ones',
    async (state) => {
      const { body } = await service.call('get', '/v1/introspection').query({ state }).expect(400);
      expect(body.error.message).toMatch(/state/);
      if (state.startsWith('nope')) expect(body.error.message).toMatch(/"nope", "odd"/);
    },
  );
  it('400: before an unknown marker; 403: before both', async () => {
    await service.call('get', `/v1/introspection?limit=x&marker=${randomUUID()}`).expect(400);
    await service.call('get', '/v1/introspection?limit=x', TOKENS.person).expect(403);
  });
});
