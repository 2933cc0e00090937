import { parsePeers, sql } from '@nefos/service-kit';
import { recordEvent } from '../../src/events/domain/record.js';
import { deliverWebhook } from '../../src/events/domain/deliver.js';
import { receiversOverHttp } from '../../src/ports/webhook-receiver.js';
import { useCloud } from '../cloud-support.js';
import type { As } from '../support.js';
import { startReceiver, verified, type Receiver } from './receiver.js';

interface Made {
  id: string;
  secret: string;
  enabled: boolean;
}
describe('webhooks', () => {
  const cloud = useCloud();
  const { service } = cloud;
  let receiver: Receiver;
  const make = async (body: object = {}, as: As = service.staff, root = '/staffapi'): Promise<Made> =>
    (await as.post(`${root}/webhooks`, { url: receiver.url, ...body }).expect(201)).body as Made;
  const say = (text: string, clientId: number | null = service.ownClient, type = 'test.said'): Promise<void> =>
    service.db.transaction((tx) =>
      recordEvent(tx, {
        type,
        clientId,
        objectType: 'test',
        objectId: text,
        data: { text },
        staffData: { host: 'h1' },
      }),
    );
  /** What the reconciler and the jobs do in a second or two. */
  const round = async (): Promise<void> => {
    await service.sweep('webhooks.dispatch');
    await service.work();
  };
  const texts = (): unknown[] => receiver.got.map((one) => one.json.data.text);
  const get = async (id: string) => (await service.staff.get(`/staffapi/webhooks/${id}`).expect(200)).body;
  const deliveries = async (id: string) =>
    (await service.staff.get(`/staffapi/webhooks/${id}/deliveries?ordering=created_at`).expect(200)).body.objects as {
      status: string;
      attempts: number;
      error: string | null;
      response_status: number | null;
      event_type: string;
    }[];
  const due = (id: string): Promise<unknown> =>
    sql(service.db, 'update webhook set next_attempt_at = now() where id = $1', [id]);

  beforeEach(async () => {
    receiver = await startReceiver();
  });
  afterEach(async () => {
    receiver.close();
    await sql(service.db, 'delete from webhook');
  });

  it('201: the secret is shown once, kept sealed, and signs what is delivered', async () => {
    await say('before');
    const { id, secret, ...made } = await make({ event_types: ['instance', 'ping'], description: 'mine' });
    // Of what only tests say.
    await sql(service.db, `update webhook set event_types = '{test,ping}'`);
    expect(made).toMatchObject({ enabled: true, event_types: ['instance', 'ping'], client: null, failures: 0 });
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(JSON.stringify(await get(id))).not.toContain('secret');
    expect(JSON.stringify(await sql(service.db, 'select * from webhook'))).not.toContain(secret.slice(6));
    await say('one');
    await say('other', service.ownClient, 'nothing.said');
    await say('two');
    await round();
    expect(texts()).toEqual(['one', 'two']);
    const [first] = receiver.got;
    if (!first) throw new Error('nothing came');
    expect(first.json).toMatchObject({
      type: 'test.said',
      timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
      data: { client: service.ownClient, object: { type: 'test', id: 'one' }, text: 'one', host: 'h1' },
    });
    expect(receiver.got.every((one) => verified(secret, one))).toBe(true);
    expect(verified(secret, { ...first, body: first.body.replace('one', 'two') })).toBe(false);
    expect(verified(secret, { ...first, timestamp: '1' })).toBe(false);
    expect((await deliveries(id)).map((one) => [one.status, one.attempts, one.response_status])).toEqual([
      ['delivered', 1, 200],
      ['delivered', 1, 200],
    ]);
  });

  it('the life of an instance arrives, and only what its users may see', async () => {
    await make({}, service.user, '/api');
    const stranger = await make({}, service.stranger, '/api');
    const { id } = await cloud.ask();
    await cloud.work();
    await round();
    const ofInstance = receiver.got.filter((one) => (one.json.data.object as { id: string }).id === id);
    expect(ofInstance.map((one) => one.json.type)).toEqual(['instance.created', 'instance.state', 'instance.state']);
    expect(receiver.got.map((one) => one.json.type)).toContain('operation.ended');
    expect(receiver.got.map((one) => one.body).join()).not.toMatch(/demoadmin|compute\.fleio/);
    expect(await deliveries(stranger.id)).toEqual([]);
  });

  it('a webhook is disabled when its maker has no rights to the client any more, and is told nothing from then on', async () => {
    const member = await service.seedUser({ username: 'leaver', clients: [service.ownClient] });
    const admin = await service.seedUser({ username: 'admin-leaver', staff: true });
    const theirs = await make({}, member.as, '/api');
    const others = await make({}, service.user, '/api');
    const ofStaff = await make({}, admin.as);
    await say('before');
    await round();
    expect(texts()).toEqual(['before', 'before', 'before']);
    await say('waiting');
    await service.sweep('webhooks.dispatch');
    await sql(service.db, 'delete from client_user where user_id = $1', [member.id]);
    await sql(service.db, 'update portal_user set is_active = false where id = $1', [admin.id]);
    await say('after');
    await round();
    // What waited for them already is not sent either.
    expect(texts()).toEqual(['before', 'before', 'before', 'waiting', 'after']);
    await service.sweep('events.old');
    const reason = { enabled: false, disabled_reason: 'Its maker has no rights to what it tells of any more.' };
    expect(await get(theirs.id)).toMatchObject(reason);
    expect(await get(ofStaff.id)).toMatchObject(reason);
    expect(await get(others.id)).toMatchObject({ enabled: true, disabled_reason: null });
  });

  it('a slow receiver waits in a lane of its own, and leaves it when it answers faster', async () => {
    const { id } = await make();
    receiver.delayMs = 1100;
    await say('one');
    await round();
    const lane = async () =>
      (await sql<{ slow: boolean }>(service.db, 'select slow from webhook where id = $1', [id]))[0];
    expect(await lane()).toEqual({ slow: true });
    receiver.delayMs = 0;
    await say('two');
    await service.sweep('webhooks.dispatch');
    expect(
      await sql(
        service.db,
        `select q.queue_name from graphile_worker._private_jobs j
          join graphile_worker._private_job_queues q on q.id = j.job_queue_id where j.key = $1`,
        [`webhook:${id}`],
      ),
    ).toEqual([{ queue_name: 'webhook:slow' }]);
    await service.work();
    expect(texts()).toEqual(['one', 'two']);
    expect(await lane()).toEqual({ slow: false });
  });

  it('both clients hear of a move, and neither who the other is', async () => {
    await make({}, service.user, '/api');
    await make({}, service.stranger, '/api');
    const id = await cloud.build();
    await round();
    receiver.got.length = 0;
    await cloud.act(id, 'move', { client: service.otherClient }).expect(200);
    await round();
    const moved = receiver.got.filter((one) => one.json.type === 'instance.moved').map((one) => one.json.data);
    expect(moved.map((one) => [one.client, one.direction]).sort()).toEqual(
      [
        [service.ownClient, 'away'],
        [service.otherClient, 'here'],
      ].sort(),
    );
    expect(moved.find((one) => one.direction === 'away')).not.toHaveProperty('new_client');
  });

  it('a failed delivery is tried again, later ones wait for it, and none is made twice', async () => {
    const { id } = await make();
    receiver.answers = [500, 503];
    await say('one');
    await say('two');
    await round();
    expect(texts()).toEqual(['one']);
    expect(await get(id)).toMatchObject({ failures: 1, last_error: 'the receiver answered 500', enabled: true });
    // Not before its time.
    await round();
    expect(texts()).toEqual(['one']);
    await due(id);
    await round();
    await due(id);
    await round();
    expect(texts()).toEqual(['one', 'one', 'one', 'two']);
    expect(new Set(receiver.got.map((one) => one.id)).size).toBe(2);
    expect(await get(id)).toMatchObject({ failures: 0, failing_since: null, last_error: null });
  });

  it('a process that dies after the receiver took it sends it again with the same id, and goes on', async () => {
    const { id } = await make();
    await say('one');
    await service.sweep('webhooks.dispatch');
    const { receivers } = service.ctx;
    const dying = {
      ...service.ctx,
      receivers: {
        ...receivers,
        post: async (...args: Parameters<typeof receivers.post>) => {
          await receivers.post(...args);
          throw new Error('killed');
        },
      },
    };
    await expect(deliverWebhook(dying, id, new AbortController().signal)).rejects.toThrow('killed');
    await round();
    expect(texts()).toEqual(['one', 'one']);
    expect(receiver.got[1]?.id).toBe(receiver.got[0]?.id);
    expect((await deliveries(id)).map((one) => one.status)).toEqual(['delivered']);
  });

  it('two dispatchers at once make each delivery once', async () => {
    const { id } = await make();
    for (let i = 0; i < 20; i += 1) await say(String(i));
    await Promise.all([1, 2, 3, 4].map(() => service.sweep('webhooks.dispatch')));
    expect((await deliveries(id)).length).toBe(20);
  });

  it('after 24 hours it is disabled with the reason; enabled again it gets what comes then', async () => {
    const { id } = await make();
    await say('lost');
    receiver.answers = [500, 500];
    await round();
    await sql(service.db, `update webhook set failing_since = now() - interval '24 hours' where id = $1`, [id]);
    await due(id);
    await round();
    expect(await get(id)).toMatchObject({
      enabled: false,
      disabled_reason: 'No delivery was accepted for 24 hours; at last: the receiver answered 500.',
    });
    expect((await deliveries(id)).map((one) => [one.status, one.error])).toEqual([
      ['failed', 'the receiver answered 500'],
    ]);
    await say('while disabled');
    await round();
    await service.staff.post(`/staffapi/webhooks/${id}/ping`).expect(409);
    await service.staff.patch(`/staffapi/webhooks/${id}`, { enabled: true }).expect(200);
    await say('afterwards');
    await round();
    expect(texts().at(-1)).toBe('afterwards');
    expect(texts()).not.toContain('while disabled');
    expect(await get(id)).toMatchObject({ enabled: true, disabled_reason: null, failures: 0 });
  });

  it('410: a receiver that is gone gets nothing more', async () => {
    const { id } = await make();
    receiver.answers = [410];
    await say('one');
    await round();
    expect(await get(id)).toMatchObject({
      enabled: false,
      disabled_reason: 'The receiver says that it is gone (410).',
    });
  });

  it('a receiver that does not answer is given up after ten seconds, and another gets its own meanwhile', async () => {
    const [hanging, quick] = [await make({ description: 'hangs' }), await make()];
    const other = await startReceiver();
    await service.staff.patch(`/staffapi/webhooks/${quick.id}`, { url: other.url }).expect(200);
    receiver.answers = ['hang'];
    await say('one');
    await service.sweep('webhooks.dispatch');
    const signal = new AbortController().signal;
    const began = Date.now();
    const slow = deliverWebhook(service.ctx, hanging.id, signal);
    await deliverWebhook(service.ctx, quick.id, signal);
    expect(Date.now() - began).toBeLessThan(5000);
    expect(other.got.length).toBe(1);
    await slow;
    expect(Date.now() - began).toBeLessThan(15_000);
    expect(await get(hanging.id)).toMatchObject({ last_error: 'no answer within 10 seconds', failures: 1 });
    other.close();
  }, 30_000);

  it('the tables have a bound: ended deliveries are cut, and too many that wait disable the webhook', async () => {
    const { id } = await make();
    await sql(
      service.db,
      `insert into webhook_delivery (id, webhook_id, xact, sequence, event_type, body, status, created_at)
      select gen_random_uuid(), $1, n, 0, 'x', '{}', 'delivered', now() - n * interval '1 s' from generate_series(1, 1500) n`,
      [id],
    );
    await service.sweep('events.old');
    expect(await sql(service.db, 'select count(*)::int n from webhook_delivery')).toEqual([{ n: 1000 }]);
    await sql(
      service.db,
      `insert into webhook_delivery (id, webhook_id, xact, sequence, event_type, body)
      select gen_random_uuid(), $1, n, 0, 'x', '{}' from generate_series(1, 10001) n`,
      [id],
    );
    await service.sweep('events.old');
    expect(await get(id)).toMatchObject({
      enabled: false,
      disabled_reason: 'More than 10000 deliveries waited for the receiver.',
    });
  });

  it('200: ping', async () => {
    const { id, secret } = await make({ event_types: ['operation.ended'] });
    const { delivery } = (await service.staff.post(`/staffapi/webhooks/${id}/ping`).expect(200)).body as {
      delivery: string;
    };
    await round();
    const [got] = receiver.got;
    expect([got?.id, got?.json.type, got && verified(secret, got)]).toEqual([delivery, 'ping', true]);
  });

  it("404: another client's webhook, and that of staff, look absent; both lists show what they may", async () => {
    const mine = await make({}, service.user, '/api');
    const ofStaff = await make({ client: service.ownClient });
    for (const id of [mine.id, ofStaff.id]) {
      const found = await service.stranger.get(`/api/webhooks/${id}`).expect(404);
      expect(found.body).toEqual((await service.stranger.get(`/api/webhooks/${service.otherClient}`).expect(404)).body);
    }
    await service.user.get(`/api/webhooks/${ofStaff.id}`).expect(404);
    await service.user.delete(`/api/webhooks/${ofStaff.id}`).expect(404);
    await service.stranger.patch(`/api/webhooks/${mine.id}`, { enabled: false }).expect(404);
    const ids = (res: { body: { objects: { id: string }[] } }) => res.body.objects.map((one) => one.id);
    expect(ids(await service.user.get('/api/webhooks').expect(200))).toEqual([mine.id]);
    expect(ids(await service.stranger.get('/api/webhooks').expect(200))).toEqual([]);
    expect(ids(await service.staff.get('/staffapi/webhooks').expect(200)).sort()).toEqual([mine.id, ofStaff.id].sort());
    await service.user.post(`/api/webhooks?client=${service.otherClient}`, { url: receiver.url }).expect(404);
    await service.user.delete(`/api/webhooks/${mine.id}`).expect(204);
    await service.user.get(`/api/webhooks/${mine.id}`).expect(404);
  });

  it.each([
    ['nothing', {}, 'url'],
    ['no URL', { url: 'example.com' }, 'url'],
    ['another protocol', { url: 'ftp://example.com/' }, 'url'],
    ['credentials', { url: 'https://u:p@example.com/' }, 'url'],
    ['loopback', { url: 'http://127.0.0.2/' }, 'url'],
    ['loopback in hexadecimal', { url: 'http://0x7f000002/' }, 'url'],
    ['metadata', { url: 'http://169.254.169.254/latest' }, 'url'],
    ['IPv6 loopback', { url: 'http://[::1]:8081/' }, 'url'],
    ['mapped', { url: 'http://[::ffff:10.0.0.1]/' }, 'url'],
    ['a type that is none', { url: 'https://example.com/', event_types: ['A b'] }, 'event_types'],
    ['a type that nobody records', { url: 'https://example.com/', event_types: ['instance.exploded'] }, 'event_types'],
    ['too many types', { url: 'https://example.com/', event_types: Array(21).fill('a') }, 'event_types'],
    ['a client that is not there', { url: 'https://example.com/', client: 111_111_111 }, 'client'],
  ])('400: %s', async (_name, body, field) => {
    const { body: refused } = await service.staff.post('/staffapi/webhooks', body).expect(400);
    expect(Object.keys(refused as object)).toEqual([field]);
    expect(await sql(service.db, 'select 1 from webhook')).toEqual([]);
  });

  it('a name that leads inside is refused when it is looked up', async () => {
    const before = service.ctx.receivers;
    service.ctx.receivers = receiversOverHttp(parsePeers(''));
    const { id } = await make({ url: receiver.url.replace('127.0.0.1', 'localhost') });
    await say('one');
    await round();
    expect((await get(id)).last_error).toBe('the address is not one of the public internet');
    expect(receiver.got).toEqual([]);
    service.ctx.receivers = before;
  });

  it('409: eleven of one client, ten of them at once', async () => {
    const all = await Promise.all(
      Array.from({ length: 11 }, () => service.user.post('/api/webhooks', { url: receiver.url })),
    );
    expect(all.map((one) => one.status).sort()).toEqual([...Array<number>(10).fill(201), 409]);
  });

  it('a secret is never in the answer to a repeated request', async () => {
    const key = () => service.staff.post('/staffapi/webhooks', { url: receiver.url }).set('Idempotency-Key', 'once');
    const [one, two] = [await key().expect(201), await key().expect(201)];
    expect((one.body as Made).secret).not.toBe((two.body as Made).secret);
    expect(await sql(service.db, `select 1 from idempotency_key where key = 'once'`)).toEqual([]);
  });
});
