import { randomUUID } from 'node:crypto';
import { sql } from '@nefos/service-kit';
import request from 'supertest';
import { CUSTOMER, makeLife, rh, TOKENS, useService } from './support.js';

const NUL = 'Null characters are not allowed.';
const header = (text: string) => ({ 'X-RH-IDENTITY': Buffer.from(text, 'latin1').toString('base64') });

describe('text, depth and digits of a stranger', () => {
  const service = useService();

  describe('POST /internal/v1/events: one poisoned event is refused, the others are taken', () => {
    type Loose = Record<'id' | 'sequence' | 'occurred_at', unknown> & {
      account: Record<string, unknown>;
      instance: unknown;
    };
    type Event = Omit<Loose, 'instance'> & { instance: Record<string, unknown> & { image: Record<string, unknown> } };
    type Poison = [string, (e: Event) => void];
    const fields: [string, (e: Event, text: string) => void][] = [
      ['account.number', (e, t) => (e.account.number = t)],
      ['account.name', (e, t) => (e.account.name = t)],
      ['instance.region', (e, t) => (e.instance.region = t)],
      ['instance.instance_type', (e, t) => (e.instance.instance_type = t)],
      ['instance.image.id', (e, t) => (e.instance.image.id = t)],
      ['instance.image.name', (e, t) => (e.instance.image.name = t)],
      ['instance.image.os_distro', (e, t) => (e.instance.image.os_distro = t)],
    ];
    const texts = { 'half a pair': 'a\ud800', 'the other half': '\udc00b', NUL: 'a\0', length: 'x'.repeat(100_000) };
    const at = (value: unknown): Poison => [
      `occurred_at ${String(value).slice(0, 40)}`,
      (e) => (e.occurred_at = value),
    ];
    const poisons: Poison[] = [
      ...fields.flatMap(([name, set]) =>
        Object.entries(texts).map(([what, text]): Poison => [`${name}: ${what}`, (e) => set(e, text)]),
      ),
      at('2019-07-10T01:00:00.' + '1'.repeat(5000) + 'Z'),
      at('-000001-01-01T00:00:00Z'),
      at('0000-01-01T00:00:00Z'),
      at('9999-12-31T23:59:59Z'),
      at('+275760-09-13T00:00:00Z'),
      at('2019-07-10T01:00:00+23:59'),
      at('2019-07-10T24:00:00Z'),
      at('2019-02-30T00:00:00Z'),
      at('2019-07-10T01:00:00\0Z'),
      at(1e15),
      ['id: half a pair', (e) => (e.id = '\ud800')],
      ['instance.id: NUL', (e) => (e.instance.id = '\0')],
      ['identities: NUL', (e) => (e.account.identities = ['\0'])],
      ['sequence: 2^53', (e) => (e.sequence = 2 ** 53)],
      ['sequence: 1e300', (e) => (e.sequence = 1e300)],
      ['sequence: -1', (e) => (e.sequence = -1)],
      ['vcpu: 1e10', (e) => (e.instance.vcpu = 1e10)],
      ['memory: 1e300', (e) => (e.instance.memory = 1e300)],
      ['memory: -1', (e) => (e.instance.memory = -1)],
      ['a list', (e) => ((e as Loose).instance = [[[]]])],
    ];
    it.each(poisons)('%s', async (_name, poison) => {
      const { instance, event } = makeLife();
      const bad = structuredClone(event('power_on', '2019-07-10T02:00:00Z')) as unknown as Event;
      poison(bad);
      const results = await service.tell(
        event('power_on', '2019-07-10T01:00:00Z'),
        bad,
        event('power_off', '2019-07-10T03:00:00Z'),
      );
      expect(results.map((r) => r.status)).toEqual(['accepted', 'refused', 'accepted']);
      expect(await service.runsOf(instance)).toEqual([['2019-07-10 01:00:00', '2019-07-10 03:00:00', 'm1.small']]);
    });
    it.each(['9007199254740993', '1e400', '1.00000000000000001'])(
      'a number that would be rounded: %s',
      async (number) => {
        const { instance, event } = makeLife();
        const bad = { ...event('power_on', '2019-07-10T02:00:00Z'), sequence: 'SEQUENCE' };
        const text = JSON.stringify({ events: [event('power_on', '2019-07-10T01:00:00Z'), bad] }).replace(
          '"SEQUENCE"',
          number,
        );
        const res = await request(service.app)
          .post('/internal/v1/events')
          .set('X-Auth-Token', TOKENS.component)
          .type('json')
          .send(text)
          .expect(200);
        expect(res.body.results.map((r: { status: string }) => r.status)).toEqual(['accepted', 'refused']);
        expect(await service.runsOf(instance)).toHaveLength(1);
      },
    );
    it.each([5e-324, 1e-7, 0.1 + 0.2, 9_999_999.999])('memory of %p is taken and breaks nothing', async (memory) => {
      const { account, event } = makeLife();
      const one = event('power_on', '2019-07-10T01:00:00Z') as unknown as Event;
      one.instance.memory = memory;
      expect((await service.tell(one)).map((r) => r.status)).toEqual(['accepted']);
      await service.call('get', 'concurrent/?start_date=2019-07-10&end_date=2019-07-11', account).expect(200);
    });
  });

  it.each([
    ['9007199254740993', '9007199254740993'],
    ['9007199254740992', '9007199254740992'],
    ['12345678901234567890123', '12345678901234567890123'],
    ['1337', CUSTOMER],
  ])('200: account number %s is the user of these very digits', async (sent, number) => {
    await request(service.app)
      .get('/v2/accounts/')
      .set(header(`{"identity":{"account_number":${sent}}}`))
      .expect(200);
    expect(await sql(service.db, 'select 1 from app_user where account_number = $1', [number])).toHaveLength(1);
  });
  it.each(['1e400', '-1e400', '1.00000000000000001', '"\\ud800"', '"\\u0000"', '1'.repeat(200)])(
    '403: %s is no account number',
    async (sent) => {
      const before = await sql(service.db, 'select 1 from app_user');
      const res = await request(service.app)
        .get('/v2/accounts/')
        .set(header(`{"identity":{"account_number":${sent}}}`))
        .expect(403);
      expect(res.body).toEqual({ detail: 'Invalid 3scale header: unusable user account_number field' });
      expect(await sql(service.db, 'select 1 from app_user')).toHaveLength(before.length);
    },
  );
  it('403: a header that is 6,000 deep', async () => {
    const res = await request(service.app)
      .get('/v2/accounts/')
      .set(header(`{"identity":${'['.repeat(6000)}${']'.repeat(6000)}}`))
      .expect(403);
    expect(res.body.detail).toBe('Invalid 3scale header: the value is nested deeper than 100');
  });
  it.each(['{"cloud_type":DEEP}', '{"more":DEEP}', 'DEEP'])('400: %s, 6,000 deep', async (body) => {
    const deep = '{"a":'.repeat(6000) + '1' + '}'.repeat(6000);
    const res = await service.call('post', 'accounts/').type('json').send(body.replace('DEEP', deep)).expect(400);
    expect(res.body).toEqual({ detail: 'JSON parse error - the value is nested deeper than 100' });
  });
  it.each([
    'accounts/?user_id',
    'instances/?running_since',
    'instances/?user_id',
    'concurrent/?start_date',
    'images/?limit',
    'accounts/?more',
  ])('400: NUL in %s', async (path) => {
    expect((await service.call('get', `${path}=%00`).expect(400)).body).toBeTruthy();
    await service.call('get', path.replace('?', '?%00=1&')).expect(400);
  });
  it('404: NUL in a path', () => service.call('get', 'accounts/%00/').expect(404));
  it.each([
    ['application/json', '{"name":"\\u0000","cloud_type":"aws"}'],
    ['application/x-www-form-urlencoded', 'name=a%00&cloud_type=aws'],
    ['multipart/form-data; boundary=b', '--b\r\nContent-Disposition: form-data; name="name"\r\n\r\na\0\r\n--b--\r\n'],
  ])('400: NUL in a field, as %s', async (type, body) => {
    expect(
      (await service.call('put', 'accounts/2/').set('Content-Type', type).send(body).expect(400)).body.name,
    ).toEqual([NUL]);
    const other = body.replace('"name"', '"more"').replace('name=a', 'more=a');
    expect((await service.call('patch', 'accounts/2/').set('Content-Type', type).send(other).expect(400)).body).toEqual(
      { more: [NUL] },
    );
  });
  it('400: half a pair of surrogates in a field', async () => {
    const res = await service.call('patch', 'accounts/2/').type('json').send('{"name":"\\udc00"}').expect(400);
    expect(res.body).toEqual({ name: ['Surrogate characters are not allowed: U+DC00.'] });
  });
  it('400: a form of more than a thousand fields', async () => {
    await service.call('patch', 'images/2/').type('form').send('a=1&'.repeat(1001)).expect(400);
    const part = '--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n';
    await service
      .call('patch', 'images/2/')
      .set('Content-Type', 'multipart/form-data; boundary=b')
      .send(`${part.repeat(1001)}--b--\r\n`)
      .expect(400);
  });
  it('200: page bounds of any length are the default, or beyond everything', async () => {
    const { body } = await service
      .call('get', `instances/?limit=${'9'.repeat(5000)}&offset=${'9'.repeat(4000)}`)
      .expect(200);
    expect(body.data).toEqual([]);
  });
  it('501: an AWS account can never be made here, and the answer says why', async () => {
    const account = { name: `new ${randomUUID()}`, cloud_type: 'aws', account_arn: 'arn:aws:iam::999999999999:role/r' };
    const res = await service.call('post', 'accounts/').send(account).expect(501);
    expect([res.body.detail, res.headers['retry-after']]).toEqual([
      expect.stringContaining('AWS is not configured'),
      undefined,
    ]);
  });
  it('nothing of it has changed a row', async () => {
    expect((await request(service.app).get('/v2/accounts/2/').set(rh(CUSTOMER))).body.name).toBe(
      'greatest account ever',
    );
  });
});
