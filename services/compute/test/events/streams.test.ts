import { createFastServer, sql } from '@nefos/service-kit';
import { listening } from '@nefos/testing';
import { recordEvent } from '../../src/events/domain/record.js';
import { USER, useCloud } from '../cloud-support.js';
import { eventually, listen, type Heard, type Stream } from './sse.js';

const types = (heard: Heard[], id: string): string[] =>
  heard.filter(({ data }) => data.object.id === id).map(({ event }) => event);

describe('GET /staffapi/events, /api/events', () => {
  const cloud = useCloud();
  const { service } = cloud;
  let server: Awaited<ReturnType<typeof listening>>;
  const open: Stream[] = [];
  const stream = async (path: string, token: string | null, headers: Record<string, string> = {}): Promise<Stream> => {
    const one = await listen(server.base + path, {
      ...(token !== null && { Authorization: `Token ${token}` }),
      ...headers,
    });
    open.push(one);
    return one;
  };
  const say = (text: string, clientId: number | null = service.ownClient, type = 'test.said'): Promise<void> =>
    service.db.transaction((tx) =>
      recordEvent(tx, { type, clientId, objectType: 'test', objectId: text, data: { text } }),
    );
  const texts = (heard: Heard[]): unknown[] =>
    heard.filter((one) => one.event === 'test.said').map((one) => one.data.data.text);

  beforeAll(async () => {
    server = await listening(createFastServer(service.app));
  });
  afterEach(() => {
    for (const one of open.splice(0)) one.close();
  });
  afterAll(() => server.close());

  it('200: the life of an instance, in order, for staff and for its own client, not for another', async () => {
    const [staff, user, stranger] = await Promise.all([
      stream('/staffapi/events', service.tokens.staff),
      stream('/api/events', service.tokens.user),
      stream('/api/events', service.tokens.stranger),
    ]);
    expect([staff.status, staff.headers['content-type'], staff.headers['x-accel-buffering']]).toEqual([
      200,
      'text/event-stream; charset=utf-8',
      'no',
    ]);
    expect(staff.headers['cache-control']).toContain('no-transform');
    const { id, operation } = await cloud.ask();
    await cloud.work();
    await staff.until((heard) => types(heard, operation).includes('operation.ended'));
    await user.until((heard) => types(heard, operation).includes('operation.ended'));
    for (const one of [staff, user]) {
      expect(types(one.heard, id)).toEqual(['instance.created', 'instance.state', 'instance.state']);
      expect(types(one.heard, operation)).toEqual(['operation.created', 'operation.progress', 'operation.ended']);
      expect(one.text()).toMatch(/^retry: 3000\nid: \d+-\d+\n\n/);
    }
    const states = user.heard.filter((one) => one.data.object.id === id).map((one) => one.data.data);
    expect(states.map((one) => [one.vm_state, one.task_state, one.power_state])).toEqual([
      ['building', 'scheduling', 0],
      ['building', 'spawning', 0],
      ['active', null, 1],
    ]);
    const ended = (one: Stream) => one.heard.find((event) => event.event === 'operation.ended')?.data.data;
    expect(ended(user)).toMatchObject({ type: 'instance.create', status: 'completed', progress: 100, error: null });
    expect(ended(staff)).toMatchObject({ created_by: { username: 'demoadmin' } });
    // Hosts and names of staff are for staff.
    expect(user.text()).not.toContain('demoadmin');
    expect(user.text()).not.toContain('compute.fleio.org');
    expect(staff.text()).toContain('compute.fleio.org');
    expect(stranger.heard).toEqual([]);
    await cloud.act(id, 'stop').expect(200);
    await cloud.work();
    await service.staff.delete(`/staffapi/openstack/instances/${id}`).expect(200);
    await cloud.work();
    await user.until((heard) => types(heard, id).includes('instance.deleted'));
    expect(types(user.heard, id).slice(3)).toEqual([
      'instance.state',
      'instance.state',
      'instance.state',
      'instance.state',
      'instance.state',
      'instance.deleted',
    ]);
    expect(stranger.heard).toEqual([]);
  });

  it('200: Last-Event-ID continues exactly where the reader was, with the header or the parameter', async () => {
    const first = await stream('/api/events', service.tokens.user);
    await say('one');
    await first.until((heard) => texts(heard).includes('one'));
    const id = first.lastId();
    first.close();
    for (const text of ['two', 'three', 'four']) await say(text);
    await say('not theirs', service.otherClient);
    const again = await stream('/api/events', service.tokens.user, { 'Last-Event-ID': id });
    await say('five');
    await again.until((heard) => texts(heard).includes('five'));
    expect(texts(again.heard)).toEqual(['two', 'three', 'four', 'five']);
    const once = await stream(`/api/events?seconds=0&last_event_id=${id}`, service.tokens.user);
    await once.untilEnd();
    expect(texts(once.heard)).toEqual(['two', 'three', 'four', 'five']);
    expect(once.heard.at(-1)).toMatchObject({ event: 'end', data: { reason: 'time' } });
  });

  it('200: an event that commits late, with a smaller number, is not lost', async () => {
    const live = await stream('/staffapi/events', service.tokens.staff);
    const late = await service.db.begin();
    await recordEvent(late.tx, {
      type: 'test.said',
      clientId: service.ownClient,
      objectType: 'test',
      objectId: 'late',
      data: { text: 'late' },
    });
    await say('early');
    const idle = await stream('/staffapi/events?seconds=0&last_event_id=' + live.lastId(), service.tokens.staff);
    await idle.untilEnd();
    // What lies behind a running transaction waits for it.
    expect(texts(idle.heard)).toEqual([]);
    await late.commit();
    await live.until((heard) => texts(heard).includes('early'));
    expect(texts(live.heard)).toEqual(['late', 'early']);
    const again = await stream(`/staffapi/events?seconds=0&last_event_id=${idle.lastId()}`, service.tokens.staff);
    await again.untilEnd();
    expect(texts(again.heard)).toEqual(['late', 'early']);
  });

  it('200: under many writers and many readers that come again, every reader has each event once', async () => {
    const begin = (await stream('/staffapi/events', service.tokens.staff)).lastId();
    const total = 300;
    const writing = Promise.all(
      Array.from({ length: 10 }, async (_one, writer) => {
        for (let i = 0; i < total / 10; i += 1)
          await service.db.transaction(async (tx) => {
            await recordEvent(tx, {
              type: 'test.said',
              clientId: service.ownClient,
              objectType: 'test',
              objectId: `${writer}-${i}`,
              data: { text: `${writer}-${i}` },
            });
            if (i % 3 === 0) await sql(tx, 'select pg_sleep(0.01)');
          });
      }),
    );
    const reader = async (): Promise<unknown[]> => {
      const all: unknown[] = [];
      let id = begin;
      while (all.length < total) {
        const one = await stream(`/staffapi/events?type=test`, service.tokens.staff, { 'Last-Event-ID': id });
        await eventually(() => texts(one.heard).length > 20 || all.length + texts(one.heard).length >= total);
        all.push(...texts(one.heard));
        id = one.lastId();
        one.close();
      }
      return all;
    };
    const found = await Promise.all([reader(), reader(), reader()]);
    await writing;
    for (const all of found) {
      expect(all.length).toBe(total);
      expect(new Set(all).size).toBe(total);
    }
    expect(found[1]).toEqual(found[0]);
  });

  it('200: filters by client and type; 400 and 404 for what is none', async () => {
    const [byType, byClient] = await Promise.all([
      stream('/staffapi/events?type=other.said,nothing', service.tokens.staff),
      stream(`/staffapi/events?client=${service.otherClient}`, service.tokens.staff),
    ]);
    await say('a');
    await say('b', service.otherClient);
    await say('c', service.ownClient, 'other.said');
    await say('d', null);
    await byType.until((heard) => heard.length);
    await byClient.until((heard) => heard.length);
    expect(byType.heard.map((one) => one.data.data.text)).toEqual(['c']);
    expect(byClient.heard.map((one) => one.data.data.text)).toEqual(['b']);
    expect((await service.staff.get('/staffapi/events?client=x').expect(400)).body).toEqual({
      client: ['A valid integer is required.'],
    });
    expect((await service.staff.get('/staffapi/events?type=A%20b').expect(400)).body).toEqual({
      type: ['"A b" is not a valid choice.'],
    });
    expect((await service.staff.get('/staffapi/events?seconds=-1').expect(400)).body).toHaveProperty('seconds');
    const foreign = await service.user.get(`/api/events?client=${service.otherClient}`).expect(404);
    const none = await service.user.get('/api/events?client=111111111').expect(404);
    expect(foreign.body).toEqual(none.body);
    await service.user.get('/api/events').set('X-Client-Id', String(service.otherClient)).expect(404);
  });

  it('200: an event of no client is for staff only; HEAD answers the headers', async () => {
    const [staff, user] = await Promise.all([
      stream('/staffapi/events', service.tokens.staff),
      stream('/api/events', service.tokens.user),
    ]);
    await say('for staff', null);
    await say('for all');
    await user.until((heard) => texts(heard).includes('for all'));
    expect(texts(user.heard)).toEqual(['for all']);
    await staff.until((heard) => texts(heard).length === 2);
    expect((await service.as(service.tokens.staff).get('/staffapi/events?seconds=0').expect(200)).type).toBe(
      'text/event-stream',
    );
  });

  it('200: a reader is told when what it missed is not kept any more', async () => {
    const before = (await stream('/staffapi/events', service.tokens.staff)).lastId();
    await say('old');
    await sql(service.db, `update event set created_at = now() - interval '3 hours'`);
    await service.sweep('events.old');
    expect(await sql(service.db, 'select 1 from event')).toEqual([]);
    await say('new');
    for (const id of [before, '999999999999999-1', 'nonsense']) {
      const one = await stream('/staffapi/events?seconds=1', service.tokens.staff, { 'Last-Event-ID': id });
      await one.untilEnd();
      expect([id, one.heard[0]?.event]).toEqual([id, 'gap']);
    }
    const { lastId } = await stream('/staffapi/events', service.tokens.staff);
    const one = await stream('/staffapi/events?seconds=0', service.tokens.staff, { 'Last-Event-ID': lastId() });
    await one.untilEnd();
    expect(one.heard.map((event) => event.event)).toEqual(['end']);
  });

  it('events are kept while a webhook has no delivery for them', async () => {
    await say('kept');
    await service.staff.post('/staffapi/webhooks', { url: 'http://127.0.0.1:9009/', enabled: true }).expect(201);
    await sql(service.db, `update event set created_at = now() - interval '3 hours'`);
    await sql(service.db, 'update event_log set dispatched_xact = 0, dispatched_sequence = 0');
    await service.sweep('events.old');
    expect(await sql(service.db, 'select 1 from event')).not.toEqual([]);
    await sql(service.db, 'delete from webhook');
    await service.sweep('events.old');
    expect(await sql(service.db, 'select 1 from event')).toEqual([]);
  });

  it('the stream ends within seconds when the token, the user or the membership does', async () => {
    const gone = await service.seedUser({ username: 'to-be-revoked', clients: [service.ownClient] });
    const inactive = await service.seedUser({ username: 'to-be-inactive', clients: [service.ownClient] });
    const removed = await service.seedUser({ username: 'to-be-removed', clients: [service.ownClient] });
    const [byToken, byUser, byMembership, other] = await Promise.all([
      stream('/api/events', gone.token),
      stream('/api/events', inactive.token),
      stream('/api/events', removed.token),
      stream('/api/events', service.tokens.user),
    ]);
    service.identity.tokens.delete(gone.token);
    service.ctx.verifier.forgetAuditId?.('none');
    await sql(service.db, 'update portal_user set is_active = false where id = $1', [inactive.id]);
    await sql(service.db, 'delete from client_user where user_id = $1', [removed.id]);
    for (const { uuid } of [inactive, removed]) {
      service.ctx.callers.drop(uuid);
      service.ctx.streams.recheck(uuid);
    }
    await byUser.untilEnd();
    await byMembership.untilEnd();
    expect(byMembership.heard.at(-1)).toMatchObject({ event: 'end', data: { reason: 'credentials' } });
    const began = Date.now();
    while (!byToken.ended() && Date.now() - began < 40_000) await new Promise((resolve) => setTimeout(resolve, 100));
    expect(byToken.ended()).toBe(true);
    expect(other.ended()).toBe(false);
  }, 60_000);

  it('200: by the session of a browser, and it ends with the session', async () => {
    const login = await service.nobody
      .post('/api/login', { username: 'demo', password: 'password of demo' })
      .expect(200);
    const cookies = (login.headers['set-cookie'] as unknown as string[]).map((one) => one.split(';')[0]).join('; ');
    const one = await stream('/api/events', null, { Cookie: cookies });
    expect(one.status).toBe(200);
    await say('for the browser');
    await one.until((heard) => texts(heard).includes('for the browser'));
    await sql(service.db, 'delete from portal_session');
    const [row] = await sql<{ uuid: string }>(service.db, `select uuid from portal_user where username = 'demo'`);
    service.ctx.streams.recheck(row?.uuid ?? '');
    await one.untilEnd();
  });

  it('a reader that does not read is cut off, and others go on', async () => {
    const [slow, quick] = await Promise.all([
      stream('/staffapi/events', service.tokens.staff),
      stream('/staffapi/events?type=test', service.tokens.staff),
    ]);
    slow.pause();
    const text = 'x'.repeat(100_000);
    for (let i = 0; i < 60; i += 1)
      await service.db.transaction((tx) =>
        recordEvent(tx, {
          type: 'big.said',
          clientId: service.ownClient,
          objectType: 'test',
          objectId: '1',
          data: { text },
        }),
      );
    await say('after');
    await quick.until((heard) => texts(heard).includes('after'));
    await eventually(async () =>
      /nefos_event_streams_cut_total\S* 1/.test(await service.ctx.metrics.registry.metrics()),
    );
  });

  it('429 for one stream too many of a user; others have theirs', async () => {
    const many = await service.seedUser({ username: 'many-streams', clients: [service.ownClient] });
    const all = await Promise.all(Array.from({ length: 21 }, () => stream('/api/events', many.token)));
    expect(all.map((one) => one.status).sort()).toEqual([...Array<number>(20).fill(200), 429]);
    expect(all.find((one) => one.status === 429)?.headers['retry-after']).toBe('5');
    expect((await stream('/api/events', service.tokens.user)).status).toBe(200);
    for (const one of all) one.close();
    await eventually(async () => {
      const next = await stream('/api/events?seconds=0', many.token);
      return next.status === 200;
    });
  });

  it('503 when the process has too many', async () => {
    const users = await Promise.all(
      Array.from({ length: 6 }, (_one, i) => service.seedUser({ username: `full-${i}`, clients: [service.ownClient] })),
    );
    const all = await Promise.all(
      users.flatMap(({ token }) => Array.from({ length: 18 }, () => stream('/api/events', token))),
    );
    const refused = all.filter((one) => one.status === 503);
    expect(refused.length).toBeGreaterThanOrEqual(8);
    expect(refused[0]?.headers['x-error-code']).toBe('no_capacity');
  });

  it('403 on the other side, 401 without a credential', async () => {
    await service.user.get('/staffapi/events').expect(403);
    await service.staff.get('/api/events').expect(403);
    await service.nobody.get('/api/events').expect(401);
    await service.user.get(USER).expect(200);
  });
});
