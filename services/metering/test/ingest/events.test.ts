import { randomUUID } from 'node:crypto';
import request from 'supertest';
import { accountEvent, makeLife, PERSON, TOKENS, useService } from '../support.js';

const at = (time: string): string => `2019-07-10T${time}Z`;
const shown = (time: string): string => `2019-07-10 ${time}`;

describe('POST /internal/v1/events', () => {
  const service = useService();
  const usage = async (account: string, query = 'start_date=2019-07-10&end_date=2019-07-11') =>
    (await service.call('get', `concurrent/?${query}`, account).expect(200)).body.data;

  it('200: a life becomes runs, an account, an instance, an image and concurrency', async () => {
    const { account, instance, event } = makeLife();
    expect(
      (
        await service.tell(
          event('power_on', at('01:00:00.000001')),
          event('power_off', at('02:00:00')),
          event('power_on', at('03:00:00')),
          event('deleted', at('04:00:00')),
        )
      ).map((r) => r.status),
    ).toEqual(['accepted', 'accepted', 'accepted', 'accepted']);
    expect(await service.runsOf(instance)).toEqual([
      [shown('01:00:00'), shown('02:00:00'), 'm1.small'],
      [shown('03:00:00'), shown('04:00:00'), 'm1.small'],
    ]);
    const { body: accounts } = await service.call('get', 'accounts/', account);
    expect(accounts.data).toMatchObject([
      { name: `Client ${account}`, cloud_type: 'nefos', content_object: { client_id: account } },
    ]);
    expect(Object.keys(accounts.data[0].content_object)).toEqual([
      'nefos_cloud_account_id',
      'client_id',
      'created_at',
      'updated_at',
    ]);
    const { body: instances } = await service.call('get', 'instances/', account);
    expect(instances.data).toMatchObject([
      {
        cloud_account_id: accounts.data[0].account_id,
        cloud_type: 'nefos',
        content_object: { instance_uuid: instance, region: 'RegionOne' },
      },
    ]);
    const { body: images } = await service.call('get', 'images/', account);
    expect(images.data).toMatchObject([
      {
        image_id: instances.data[0].machine_image_id,
        name: 'Debian 12',
        rhel: false,
        cloud_type: 'nefos',
        content_object: { image_uuid: 'debian-12', os_distro: 'debian' },
      },
    ]);
    expect(await usage(account)).toEqual([
      {
        date: '2019-07-10',
        instances: 1,
        instances_list: [{ cloud_type: 'nefos', cloud_instance_id: instance, rhel_version: null, syspurpose: null }],
        vcpu: 1,
        memory: 2,
      },
    ]);
  });
  it('200: told again, nothing happens, be it in another batch or twice in one', async () => {
    const { instance, event } = makeLife();
    const [on, off] = [event('power_on', at('01:00:00')), event('power_off', at('02:00:00'))];
    expect((await service.tell(on, off, { ...on, id: on.id.toUpperCase() }, off)).map((r) => r.status)).toEqual([
      'accepted',
      'accepted',
      'duplicate',
      'duplicate',
    ]);
    expect((await service.tell(off, on)).map((r) => r.status)).toEqual(['duplicate', 'duplicate']);
    expect(await service.runsOf(instance)).toEqual([[shown('01:00:00'), shown('02:00:00'), 'm1.small']]);
  });
  it('200: the runs do not depend on the order in which events come', async () => {
    const { account, event } = makeLife();
    const story = [
      event('power_on', at('01:00:00'), { type: 'a' }),
      event('power_on', at('02:00:00')),
      event('power_off', at('02:00:00')),
      event('power_on', at('02:00:00'), { type: null }),
      event('attribute_change', at('03:00:00'), { type: 'b' }),
      event('power_off', at('04:00:00')),
      event('power_on', at('05:00:00')),
      event('power_off', at('05:00:00')),
      event('power_on', at('06:00:00'), { type: 'c' }),
    ];
    const results = new Set<string>();
    for (let round = 0; round < 12; round += 1) {
      const instance = randomUUID();
      const mine = story.map((e) => ({
        ...e,
        id: randomUUID(),
        account: { ...e.account, number: account },
        instance: { ...('instance' in e ? e.instance : {}), id: instance },
      }));
      const shuffled = round
        ? mine
            .map((e, i) => ({ e, key: (i * 7919 * round + round * 104729) % 101 }))
            .sort((a, b) => a.key - b.key)
            .map(({ e }) => e)
        : mine;
      for (let i = 0; i < shuffled.length; i += 1 + (round % 3))
        await service.tell(...shuffled.slice(i, i + 1 + (round % 3)));
      results.add(JSON.stringify(await service.runsOf(instance)));
    }
    expect([...results].map((r) => JSON.parse(r))).toEqual([
      [
        [shown('01:00:00'), shown('02:00:00'), 'a'],
        [shown('02:00:00'), shown('04:00:00'), 'm1.small'],
        [shown('05:00:00'), shown('05:00:00'), 'm1.small'],
        [shown('06:00:00'), null, 'c'],
      ],
    ]);
  });
  it('200: a late event reshapes the past that reports show', async () => {
    const { account, event } = makeLife();
    await service.tell(event('power_on', '2019-07-09T00:00:00Z'));
    expect((await usage(account))[0].instances).toBe(1);
    await service.tell(event('power_off', '2019-07-09T12:00:00Z'));
    expect((await usage(account))[0].instances).toBe(0);
  });
  it('200: batches with the same events at once take effect once', async () => {
    const lives = Array.from({ length: 20 }, () => makeLife({ account: 'client-of-races' }));
    const events = lives.flatMap(({ event }) => [
      event('power_on', at('01:00:00')),
      event('power_off', at('02:00:00')),
      event('power_on', at('03:00:00')),
    ]);
    const answers = await Promise.all(
      [events, [...events].reverse(), events.slice(20), [...events].reverse().slice(10)].map((batch) =>
        service.tell(...batch),
      ),
    );
    const accepted = answers
      .flat()
      .filter((r) => r.status === 'accepted')
      .map((r) => r.id);
    expect(accepted.sort()).toEqual(events.map((e) => e.id).sort());
    for (const { instance } of lives)
      expect(await service.runsOf(instance)).toEqual([
        [shown('01:00:00'), shown('02:00:00'), 'm1.small'],
        [shown('03:00:00'), null, 'm1.small'],
      ]);
    expect((await service.call('get', 'accounts/', 'client-of-races')).body.meta.count).toBe(1);
  });
  it('200: a bad event is refused with a reason and the others go on', async () => {
    const { instance, event } = makeLife();
    const good = event('power_on', at('01:00:00'));
    const bad: object[] = [
      { id: 'x' },
      7 as unknown as object,
      { ...good, id: randomUUID(), type: 'instance.exploded' },
      { ...good, id: randomUUID(), occurred_at: 'yesterday' },
      { ...good, id: randomUUID(), occurred_at: '1969-12-31T23:59:59Z' },
      { ...good, id: randomUUID(), occurred_at: '2019-07-10T01:00:00+16:00' },
      { ...good, id: randomUUID(), occurred_at: '2019-07-10T01:00:00-23:00' },
      { ...good, id: randomUUID(), account: { number: 'a\0b', name: '', identities: [] } },
    ];
    const results = await service.tell(...bad, good);
    expect(results.map((r) => r.status)).toEqual([...bad.map(() => 'refused'), 'accepted']);
    expect(results.slice(0, -1).every((r) => r.reason)).toBe(true);
    expect(await service.runsOf(instance)).toHaveLength(1);
  });
  it("200: another account can not take a client's instance", async () => {
    const { instance, event } = makeLife();
    await service.tell(event('power_on', at('01:00:00')));
    const foreign = {
      ...event('power_off', at('02:00:00')),
      account: { number: 'somebody-else', name: 'x', identities: [] },
    };
    expect(await service.tell(foreign)).toMatchObject([{ status: 'refused' }]);
    expect(await service.runsOf(instance)).toEqual([[shown('01:00:00'), null, 'm1.small']]);
  });
  it('200: image and region are those of the newest event, not of the last told', async () => {
    const { account, event } = makeLife();
    const [first, second] = [
      event('power_on', at('01:00:00'), { image: 'old', region: 'r1' }),
      event('attribute_change', at('02:00:00'), { image: 'new', region: 'r2' }),
    ];
    await service.tell(second);
    await service.tell(first);
    expect((await service.call('get', 'instances/', account)).body.data[0].content_object.region).toBe('r2');
    expect(
      (await service.call('get', 'images/', account)).body.data.map(
        (i: { content_object: { image_uuid: string } }) => i.content_object.image_uuid,
      ),
    ).toEqual(['new']);
  });
  it('200: only a newer account event renames and replaces people', async () => {
    const number = 'client-renamed';
    const mine = () => request(service.app).get('/v2/accounts/').set('X-Auth-Token', TOKENS.person);
    await service.tell(accountEvent('updated', number, 5, at('01:00:00'), { name: 'Five', identities: [PERSON] }));
    expect((await mine()).body.data.map((a: { name: string }) => a.name)).toEqual(['Five']);
    expect(await service.tell(accountEvent('updated', number, 4, at('02:00:00'), { name: 'Four' }))).toMatchObject([
      { status: 'duplicate' },
    ]);
    await service.tell(accountEvent('updated', number, 6, at('03:00:00'), { name: 'Six', identities: [PERSON] }));
    expect((await service.call('get', 'accounts/', number)).body.data.map((a: { name: string }) => a.name)).toEqual([
      'Six',
    ]);
    expect((await mine()).body.meta.count).toBe(1);
  });
  it("200: a client's name that its user has given to another account does not stop the events", async () => {
    const { account, event } = makeLife({ account: '1337' });
    await service.tell({
      ...event('power_on', at('01:00:00')),
      account: { number: account, name: 'greatest account ever', identities: [] },
    });
    expect((await service.call('get', 'accounts/')).body.data.map((a: { name: string }) => a.name)).toEqual([
      'greatest account ever (1337)',
      'greatest account ever',
    ]);
  });
  it('200: an account and an image of our own cloud can be put with their own cloud_type, and with no other', async () => {
    const { account, event } = makeLife();
    await service.tell(event('power_on', at('01:00:00')));
    const [{ account_id: id }] = (await service.call('get', 'accounts/', account)).body.data;
    const [{ image_id: image }] = (await service.call('get', 'images/', account)).body.data;
    const put = (path: string, body: object) => service.call('put', path, account).send(body);
    expect((await put(`accounts/${id}/`, { name: 'mine', cloud_type: 'nefos' }).expect(200)).body).toMatchObject({
      name: 'mine',
      cloud_type: 'nefos',
    });
    await put(`images/${image}/`, { cloud_type: 'nefos' }).expect(200);
    for (const [path, body] of [
      [`accounts/${id}/`, { name: 'x', cloud_type: 'aws' }],
      [`images/${image}/`, { cloud_type: 'aws' }],
    ] as const)
      expect((await put(path, body).expect(400)).body).toEqual({ cloud_type: ['You cannot update field cloud_type.'] });
    expect(
      (await service.call('put', 'accounts/2/').send({ name: 'x', cloud_type: 'nefos' }).expect(400)).body,
    ).toEqual({ cloud_type: ['You cannot update field cloud_type.'] });
  });
  it('200: what runs in a deleted client ends with it; it is listed no more, for nobody, and its usage stays', async () => {
    const { account, instance, event } = makeLife();
    await service.tell(event('power_on', at('01:00:00')), accountEvent('deleted', account, 9, at('05:00:00')));
    expect(await service.runsOf(instance)).toEqual([[shown('01:00:00'), shown('05:00:00'), 'm1.small']]);
    for (const route of ['accounts/', 'instances/'])
      expect((await service.call('get', route, account)).body.meta.count).toBe(0);
    const everything = (await service.call('get', 'instances/?limit=100', '1000001')).body.data as {
      content_object: { instance_uuid?: string };
    }[];
    expect(everything.map((one) => one.content_object.instance_uuid)).not.toContain(instance);
    expect((await usage(account))[0]).toMatchObject({
      instances: 1,
      instances_list: [{ cloud_instance_id: instance }],
    });
  });
  it.each([
    ['401', 'nobody', undefined],
    ['401', 'an unknown token', 'nonsense'],
    ['403', 'a person', TOKENS.person],
  ])('%s: %s may not tell events', async (status, _who, token) => {
    const call = request(service.app).post('/internal/v1/events');
    await (token ? call.set('X-Auth-Token', token) : call).send({ events: [] }).expect(Number(status));
  });
  it('401: a trusted header is no component', async () => {
    await request(service.app)
      .post('/internal/v1/events')
      .set('X-RH-IDENTITY', Buffer.from('{"identity":{"account_number":"1"}}').toString('base64'))
      .send({ events: [] })
      .expect(401);
  });
  it('400: no list, an empty one, or more than a thousand', async () => {
    for (const body of [{}, { events: [] }, { events: Array(1001).fill({}) }, []])
      await request(service.app)
        .post('/internal/v1/events')
        .set('X-Auth-Token', TOKENS.component)
        .send(body)
        .expect(400);
  });
});
