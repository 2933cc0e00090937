import { randomUUID } from 'node:crypto';
import type { ResourceEvent } from '@nefos/contracts';
import { sql } from '@nefos/service-kit';
import { accountEvent, SUPERUSER, useService } from '../support.js';

type Kind = ResourceEvent['resource']['kind'];
interface Day {
  date: string;
  usage: { kind: Kind; unit: string; resources: number; amount: string }[];
}
const UNITS = { image: 'byte', volume: 'gibibyte', floating_ip: 'address', traffic: 'byte' } as const;
const at = (day: number, time: string): string => `2019-07-${String(day).padStart(2, '0')}T${time}Z`;

describe('resource usage', () => {
  const service = useService();
  /** Facts of one resource, in the order in which they are made. */
  const makeResource = (kind: keyof typeof UNITS, account = `client-${randomUUID().slice(0, 8)}`) => {
    let sequence = 0;
    const id = randomUUID();
    const event = (type: 'usage' | 'ended', occurred: string, quantity: number): ResourceEvent => ({
      id: randomUUID(),
      type: `resource.${type}`,
      sequence: (sequence += 1),
      occurred_at: occurred,
      account: { number: account, name: `Client ${account}`, identities: [] },
      resource: { kind, id, region: 'Region1', quantity: String(quantity), unit: UNITS[kind] },
    });
    return { account, event };
  };
  const usage = async (account: string, query = 'start_date=2019-07-09&end_date=2019-07-12'): Promise<Day[]> =>
    ((await service.call('get', `resource_usage/?${query}`, account).expect(200)).body as { data: Day[] }).data;
  const amounts = async (account: string, query?: string) =>
    Object.fromEntries((await usage(account, query)).map((one) => [one.date.slice(-2), one.usage[0]?.amount]));

  it('200: what is in use counts by the hour, from the day on which it begins to that on which it ends', async () => {
    const { account, event } = makeResource('volume');
    expect(
      (
        await service.tell(
          event('usage', at(9, '18:00:00'), 10),
          event('usage', at(10, '12:00:00'), 20),
          event('ended', at(11, '06:30:00'), 20),
        )
      ).map((one) => one.status),
    ).toEqual(['accepted', 'accepted', 'accepted']);
    expect(await usage(account)).toEqual([
      { date: '2019-07-09', usage: [{ kind: 'volume', unit: 'gibibyte_hour', resources: 1, amount: '60' }] },
      { date: '2019-07-10', usage: [{ kind: 'volume', unit: 'gibibyte_hour', resources: 1, amount: '360' }] },
      { date: '2019-07-11', usage: [{ kind: 'volume', unit: 'gibibyte_hour', resources: 1, amount: '130' }] },
    ]);
    // Also when the days asked for begin in the middle.
    expect(await amounts(account, 'start_date=2019-07-10&end_date=2019-07-11')).toEqual({ 10: '360' });
  });

  it('order and repetition change nothing, within a batch or across', async () => {
    const { account, event } = makeResource('image');
    const all = [
      event('usage', at(9, '00:00:00'), 1000),
      event('usage', at(9, '12:00:00'), 3000),
      event('usage', at(10, '00:00:00'), 500),
      event('ended', at(10, '12:00:00'), 500),
    ];
    const statuses = async (...events: (ResourceEvent | undefined)[]) =>
      (await service.tell(...(events as ResourceEvent[]))).map((one) => one.status);
    expect(await statuses(all[3], all[1], all[1])).toEqual(['accepted', 'accepted', 'duplicate']);
    expect(await statuses(all[2])).toEqual(['accepted']);
    expect(await statuses(all[0], all[2], all[3])).toEqual(['accepted', 'duplicate', 'duplicate']);
    expect(await amounts(account)).toEqual({ '09': '48000', 10: '6000', 11: undefined });
  });

  it('traffic is what was carried on the day', async () => {
    const { account, event } = makeResource('traffic');
    const [first, second, third, last] = [
      event('usage', at(9, '10:00:00'), 100),
      event('usage', at(9, '23:59:59'), 250),
      event('usage', at(10, '01:00:00'), 1250),
      event('ended', at(11, '00:00:00'), 1250),
    ];
    await service.tell(third, last);
    await service.tell(second, first);
    expect(await amounts(account)).toEqual({ '09': '250', 10: '1000', 11: undefined });
    expect(await amounts(account, 'start_date=2019-07-10&end_date=2019-07-11')).toEqual({ 10: '1000' });
    expect((await usage(account))[0]?.usage[0]?.unit).toBe('byte');
  });

  it('what is in use still counts until now, and today is the last day', async () => {
    const { account, event } = makeResource('floating_ip');
    await service.tell(event('usage', at(17, '00:00:00'), 1));
    service.clock.set('2019-07-18T06:00:00Z');
    expect(await usage(account, 'start_date=2019-07-17&end_date=2019-07-25')).toEqual([
      { date: '2019-07-17', usage: [{ kind: 'floating_ip', unit: 'address_hour', resources: 1, amount: '24' }] },
      { date: '2019-07-18', usage: [{ kind: 'floating_ip', unit: 'address_hour', resources: 1, amount: '6' }] },
    ]);
  });

  it('the end of a client ends what it has in use', async () => {
    const { account, event } = makeResource('volume');
    await service.tell(event('usage', at(9, '00:00:00'), 1));
    await service.tell(accountEvent('deleted', account, 9, at(10, '12:00:00')));
    // What comes late does not count after it.
    await service.tell(event('usage', at(11, '00:00:00'), 5));
    expect(
      await amounts(
        SUPERUSER,
        `cloud_account_id=${await accountId(account)}&start_date=2019-07-09&end_date=2019-07-12`,
      ),
    ).toEqual({ '09': '24', 10: '12', 11: undefined });
  });
  const accountId = async (number: string): Promise<string> =>
    String(
      (
        await sql<{ id: string }>(
          service.db,
          `select a.id from cloud_account a join nefos_cloud_account n on n.id = a.nefos_cloud_account_id
          where n.client_id = $1`,
          [number],
        )
      )[0]?.id,
    );

  it('a user sees own resources only; a superuser all, or those of an account; one kind, if it is asked for', async () => {
    const mine = makeResource('volume');
    const image = makeResource('image', mine.account);
    const theirs = makeResource('volume');
    await service.tell(
      mine.event('usage', at(9, '00:00:00'), 1),
      image.event('usage', at(9, '00:00:00'), 1),
      theirs.event('usage', at(9, '00:00:00'), 7),
    );
    const day = 'start_date=2019-07-09&end_date=2019-07-10';
    expect((await usage(mine.account, day))[0]?.usage.map(({ kind, amount }) => [kind, amount])).toEqual([
      ['image', '24'],
      ['volume', '24'],
    ]);
    expect(await amounts(mine.account, `${day}&cloud_account_id=${await accountId(theirs.account)}`)).toEqual({});
    expect(await amounts(SUPERUSER, `${day}&cloud_account_id=${await accountId(theirs.account)}`)).toEqual({
      '09': '168',
    });
    expect((await usage(mine.account, `${day}&kind=image`))[0]?.usage).toHaveLength(1);
  });

  it('the account that is purged takes its resources along', async () => {
    const { account, event } = makeResource('volume');
    await service.tell(event('usage', at(9, '00:00:00'), 1));
    const id = await accountId(account);
    await sql(service.db, 'delete from cloud_account where id = $1', [id]);
    expect(await sql(service.db, 'select 1 from resource where cloud_account_id = $1', [id])).toEqual([]);
  });

  it('a batch that fails in the middle has had no effect', async () => {
    const { account, event } = makeResource('volume');
    const one = event('usage', at(9, '00:00:00'), 1);
    await sql(service.db, `alter table resource_fact add constraint broken check (quantity <> 77)`);
    await expect(service.tell(one, event('usage', at(10, '00:00:00'), 77))).rejects.toThrow('500');
    await sql(service.db, 'alter table resource_fact drop constraint broken');
    expect(await amounts(account)).toEqual({ '09': undefined, 10: undefined, 11: undefined });
    expect((await service.tell(one)).map(({ status }) => status)).toEqual(['accepted']);
  });

  it.each([
    ['a kind that is none', 'kind=server', { kind: ['"server" is not a valid choice.'] }],
    ['no date', 'start_date=x', { start_date: ['start_date must be a date (YYYY-MM-DD).'] }],
    [
      'an account that is no number',
      'cloud_account_id=x',
      { cloud_account_id: ['cloud_account_id must be an integer.'] },
    ],
  ])('400: %s', async (_name, query, body) => {
    expect((await service.call('get', `resource_usage/?${query}`, '1337').expect(400)).body).toEqual(body);
  });

  it.each([
    ['quantity', { quantity: '1.5' }],
    ['quantity', { quantity: '-1' }],
    ['kind', { kind: 'server' }],
    ['id', { id: '' }],
  ])('refused: %s %j', async (_field, more) => {
    const { event } = makeResource('volume');
    const one = event('usage', at(9, '00:00:00'), 1);
    const [result] = await service.tell({ ...one, resource: { ...one.resource, ...more } });
    expect(result).toMatchObject({ id: one.id, status: 'refused' });
  });
});
