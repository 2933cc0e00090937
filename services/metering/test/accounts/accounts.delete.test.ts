import { sql } from '@nefos/service-kit';
import request from 'supertest';
import { accountEvent, CUSTOMER, makeLife, PERSON, SUPERUSER, TOKENS, useService } from '../support.js';

const at = (time: string): string => `2019-07-10T${time}Z`;
const OF_CLOUD = {
  detail: 'This account belongs to this cloud: it is metered as long as its client exists, and can not be deleted.',
};

describe('DELETE /v2/accounts/:id/', () => {
  const service = useService();
  const ids = async (account: string): Promise<number[]> =>
    ((await service.call('get', 'accounts/', account).expect(200)).body.data as { account_id: number }[]).map(
      (a) => a.account_id,
    );
  const usage = async (account: string, query = '') =>
    (
      await service
        .call('get', `concurrent/?start_date=2019-07-10&end_date=2019-07-19&limit=100${query}`, account)
        .expect(200)
    ).body.data as { instances: number }[];
  const count = async (route: string, account: string): Promise<number> =>
    (await service.call('get', route, account)).body.meta.count as number;

  it('403: a user can not end the metering of the cloud that bills him: nothing changes, the machine that runs stays metered', async () => {
    const { account, instance, event } = makeLife({ identities: [PERSON] });
    await service.tell(event('power_on', at('01:00:00')));
    const [id] = await ids(account);
    const before = await usage(account);
    expect(before.map((day) => day.instances)).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 1]);
    for (const query of ['', '?purge=false', '?user_id=1'])
      await service.call('delete', `accounts/${id}/${query}`, account).expect(403, OF_CLOUD);
    await service.tell(accountEvent('updated', account, 1, at('01:00:00'), { identities: [PERSON] }));
    await request(service.app).delete(`/v2/accounts/${id}/`).set('X-Auth-Token', TOKENS.person).expect(403, OF_CLOUD);
    expect(await usage(account)).toEqual(before);
    expect(await ids(account)).toEqual([id]);
    expect(await service.runsOf(instance)).toEqual([['2019-07-10 01:00:00', null, 'm1.small']]);
    await service.tell(event('power_off', at('02:00:00')));
    expect(await service.runsOf(instance)).toEqual([['2019-07-10 01:00:00', '2019-07-10 02:00:00', 'm1.small']]);
  });
  it('404: an account of another user or of nobody, with and without purge by a superuser', async () => {
    for (const id of [1, 999_999]) await service.call('delete', `accounts/${id}/`).expect(404);
    await service.call('delete', 'accounts/999999/?purge=true', SUPERUSER).expect(404);
  });
  it('204: a superuser closes it: it is listed no more, usage stays, and what runs stays metered', async () => {
    const { account, instance, event } = makeLife();
    await service.tell(event('power_on', at('01:00:00')));
    const [id] = await ids(account);
    const before = await usage(account);
    await service.call('delete', `accounts/${id}/`, SUPERUSER).expect(204, '');
    for (const route of ['accounts/', 'instances/', 'images/']) expect(await count(route, account)).toBe(0);
    await service.call('delete', `accounts/${id}/`, SUPERUSER).expect(404);
    await service.call('patch', `accounts/${id}/`, account).send({ name: 'x' }).expect(404);
    expect(await usage(account)).toEqual(before);
    expect(await usage(account, `&cloud_account_id=${id}`)).toEqual(before);
    await service.tell(event('power_off', at('02:00:00')), event('power_on', at('03:00:00')));
    expect(await service.runsOf(instance)).toEqual([
      ['2019-07-10 01:00:00', '2019-07-10 02:00:00', 'm1.small'],
      ['2019-07-10 03:00:00', null, 'm1.small'],
    ]);
  });
  it('what starts in a closed account is not listed, but metered; a change of the client does not open it, a client made anew does', async () => {
    const { account, event } = makeLife();
    await service.tell(event('power_on', at('01:00:00')));
    const [id] = await ids(account);
    await service.call('delete', `accounts/${id}/`, SUPERUSER).expect(204, '');
    const lists = async () => Promise.all(['accounts/', 'instances/', 'images/'].map((route) => count(route, account)));
    const late = makeLife({ account });
    await service.tell(late.event('power_on', at('02:00:00')));
    expect(await lists()).toEqual([0, 0, 0]);
    expect(await service.runsOf(late.instance)).toEqual([['2019-07-10 02:00:00', null, 'm1.small']]);
    await service.tell(accountEvent('updated', account, 2, at('04:00:00'), { name: 'Renamed' }));
    expect(await lists()).toEqual([0, 0, 0]);
    await service.call('get', `accounts/${id}/`, account).expect(404);
    expect((await usage(account)).map((day) => day.instances)).toEqual([2, 2, 2, 2, 2, 2, 2, 2, 2]);
    await service.tell(accountEvent('deleted', account, 3, at('05:00:00')));
    expect(await lists()).toEqual([0, 0, 0]);
    await service.tell(accountEvent('updated', account, 4, at('06:00:00')));
    expect((await lists()).slice(0, 2)).toEqual([1, 2]);
  });
  it('a client that ends and is made anew in one batch has its account again', async () => {
    const account = 'client-anew';
    await service.tell(accountEvent('updated', account, 1, at('01:00:00')));
    const [id] = await ids(account);
    await service.call('delete', `accounts/${id}/`, SUPERUSER).expect(204);
    await service.tell(
      accountEvent('deleted', account, 2, at('02:00:00')),
      accountEvent('updated', account, 3, at('03:00:00')),
    );
    expect(await ids(account)).toEqual([id]);
  });
  it('204: a closed AWS account keeps its usage, what ran in it ends, and its name and role are free again', async () => {
    const before = await usage(CUSTOMER);
    expect(before.at(-1)).toMatchObject({ instances: 2 });
    await service.call('delete', 'accounts/2/').expect(204, '');
    expect(await count('accounts/', CUSTOMER)).toBe(0);
    expect(await count('instances/', CUSTOMER)).toBe(0);
    expect(await count('images/', CUSTOMER)).toBe(0);
    expect(await usage(CUSTOMER)).toEqual(before);
    const open = await sql(service.db, 'select 1 from run where cloud_account_id = 2 and end_time is null');
    expect(open).toEqual([]);
    // Nothing registers AWS accounts here, so the row that a registration would write stands for it.
    const [{ id } = { id: '' }] = await sql<{ id: string }>(
      service.db,
      `with w as (insert into aws_cloud_account (aws_account_id, account_arn) select aws_account_id, account_arn from aws_cloud_account where id = 2 returning id)
        insert into cloud_account (user_id, name, aws_cloud_account_id) select 2, 'greatest account ever', id from w returning id`,
    );
    expect(await ids(CUSTOMER)).toEqual([Number(id)]);
    service.clock.advance(86_400);
    expect((await service.call('get', 'concurrent/').expect(200)).body.data).toMatchObject([{ instances: 0 }]);
    service.clock.advance(-86_400);
  });
  it('204: purge removes an account with all its usage, and leaves images of others alone; old events do not bring it back', async () => {
    const shared = 'shared-image';
    const [mine, theirs] = [makeLife(), makeLife()];
    const on = mine.event('power_on', at('01:00:00'), { image: shared });
    await service.tell(on, theirs.event('power_on', at('01:00:00'), { image: shared }));
    const [id] = await ids(mine.account);
    const purge = (number: string, value = 'true') => service.call('delete', `accounts/${id}/?purge=${value}`, number);
    await purge(mine.account).expect(403, { detail: 'You do not have permission to perform this action.' });
    await purge(SUPERUSER, 'maybe').expect(400, { purge: ['Must be a valid boolean.'] });
    await purge(SUPERUSER).expect(409, { detail: 'Instances of this account still run.' });
    const off = mine.event('deleted', at('02:00:00'), { image: shared });
    await service.tell(off);
    await service.call('delete', `accounts/${id}/`, SUPERUSER).expect(204); // a closed one can be purged, too
    await purge(SUPERUSER).expect(204, '');
    const [{ left } = { left: -1 }] = await sql<{ left: number }>(
      service.db,
      `select ((select count(*) from run where cloud_account_id = $1) + (select count(*) from instance where cloud_account_id = $1)
        + (select count(*) from nefos_instance where instance_uuid = $2)
        + (select count(*) from instance_event e where not exists (select 1 from instance i where i.id = e.instance_id)))::int "left"`,
      [id, mine.instance],
    );
    expect(left).toBe(0);
    expect(await count('images/', theirs.account)).toBe(1);
    await service.tell(on, off);
    expect(await ids(mine.account)).toEqual([]);
    await service.tell(mine.event('power_on', '2019-07-19T00:00:00Z'));
    expect(await service.runsOf(mine.instance)).toEqual([['2019-07-19 00:00:00', null, 'm1.small']]);
    expect(await ids(mine.account)).toHaveLength(1);
  });
  it('200: a client that comes back does not stumble over the name that its closed account had', async () => {
    const number = 'client-name';
    await service.tell(accountEvent('updated', number, 1, at('01:00:00'), { name: 'Name' }));
    await service.tell(accountEvent('deleted', number, 2, at('01:30:00')));
    await sql(
      service.db,
      `with w as (insert into aws_cloud_account (aws_account_id, account_arn) values ('000000000777', 'arn:aws:iam::000000000777:role/r') returning id)
        insert into cloud_account (user_id, name, aws_cloud_account_id) select (select id from app_user where account_number = $1), 'Name', id from w`,
      [number],
    );
    expect(await service.tell(accountEvent('updated', number, 3, at('02:00:00'), { name: 'Name' }))).toMatchObject([
      { status: 'accepted' },
    ]);
    const { body } = await service.call('get', 'accounts/', number);
    expect(body.data.map((a: { name: string }) => a.name)).toEqual(['Name', 'Name (client-name)']);
  });
});
