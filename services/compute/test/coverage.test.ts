import { randomUUID } from 'node:crypto';
import type { Contract } from '@nefos/contracts';
import { sql } from '@nefos/service-kit';
import { endpoints } from '../src/api/endpoints.js';
import { loadCloudFixture } from '../src/fixture-cloud.js';
import { useService, type As } from './support.js';

/** Open to everybody: whoever signs in has no credential yet. */
const PUBLIC = ['post /staffapi/login', 'post /api/login'];
/** What every client may see: the catalogue. Its objects are nobody's secret. */
const CATALOGUE = /^\/api\/openstack\/(regions|flavors|flavorgroups|images|networks)\/:id$/;
/** Objects of our own client, by the path that leads to them. */
interface Own {
  client: number;
  instance: string;
  operation: string;
  token: number;
  user: number;
  service: number;
  group: number;
}
const UNKNOWN: Own = {
  client: 111_111_111,
  instance: randomUUID(),
  operation: randomUUID(),
  token: 111_111_111,
  user: 111_111_111,
  service: 111_111_111,
  group: 111_111_111,
};
const fill = (path: string, own: Own): string =>
  path.replace(/:(\w+)/g, (_m, name: string) =>
    String(
      name === 'client_id'
        ? own.client
        : name === 'token_id'
          ? own.token
          : name === 'user_id'
            ? own.user
            : name === 'service_id'
              ? own.service
              : name === 'group_id'
                ? own.group
                : path.includes('/operations/')
                  ? own.operation
                  : own.instance,
    ),
  );

const ALL = endpoints.flatMap(({ contract }) =>
  [contract.path, ...(contract.aliases ?? [])].map((path) => ({ name: `${contract.method} ${path}`, path, contract })),
);
const send = (as: As, { method, body }: Contract, path: string) => {
  if (method === 'head' || method === 'options') throw new Error(`${method} is answered by the frame`);
  return as[method](path, body ? {} : undefined);
};

describe('who may call what: every endpoint with every kind of caller', () => {
  const service = useService();
  let own: Own;
  let expired: As;
  let component: As;
  beforeAll(async () => {
    await loadCloudFixture(service.db);
    const token = 'e'.repeat(40);
    service.identity.tokens.set(token, {
      kind: 'user',
      uuid: randomUUID(),
      displayName: 'late',
      roles: [],
      tokenExpires: '2020-01-01T00:00:00Z',
      via: 'token',
    });
    expired = service.as(token);
    component = service.as(service.tokens.component);
    const made = await service.user
      .post('/api/openstack/instances', {
        region: 'Region1',
        nics: ['d9f9ca07-3ce5-435e-8aa2-a7302697025d'],
        boot_source: { source_type: 'image', source_id: 'b8e54aa5-eca9-454a-adaf-00fbc659755e' },
        name: 'mine',
        flavor: 'fd6ebb42-f305-4eb7-b086-fcce39bc761f',
      })
      .expect(201);
    const named = await service.user.post('/api/tokens', { name: 'mine' }).expect(201);
    const [rows] = await sql<{ user: number; service: number }>(
      service.db,
      `select m.user_id "user", s.id service from client_user m join service s using (client_id) where client_id = $1`,
      [service.ownClient],
    );
    const group = await service.staff.post('/staffapi/clientgroups', { name: 'mine' }).expect(201);
    own = {
      client: service.ownClient,
      instance: made.body.id,
      operation: made.headers['x-operation-id'] as string,
      token: named.body.id,
      user: rows?.user as number,
      service: rows?.service as number,
      group: group.body.id,
    };
  });
  /** Everything that a refused call must not have touched. */
  const state = async (): Promise<string> =>
    JSON.stringify(
      await Promise.all(
        ['client', 'client_user', 'portal_user', 'portal_token', 'service', 'client_group', 'client_credit', 'instance', 'operation'].map((table) =>
          sql(service.db, `select count(*), md5(string_agg(t::text, '' order by t::text)) from ${table} t`),
        ),
      ),
    );

  it('the list is not empty and its public part is known', () => {
    expect(ALL.length).toBeGreaterThan(60);
    expect(ALL.filter(({ contract }) => contract.access === 'public').map(({ name }) => name)).toEqual(PUBLIC);
    expect([...new Set(ALL.map(({ contract }) => contract.access))].sort()).toEqual(['enduser', 'public', 'staff']);
    // The side of the portal is in the path: nothing for staff is under /api and the other way round.
    for (const { path, contract } of ALL)
      if (contract.access !== 'public') expect([path, contract.access]).toEqual([path, path.startsWith('/staffapi/') ? 'staff' : 'enduser']);
  });

  const closed = ALL.filter(({ contract }) => contract.access !== 'public').map((one) => [one.name, one] as const);
  it.each(closed)('401 and 403: %s', async (_name, { path, contract }) => {
    const before = await state();
    const filled = fill(path, own);
    const refusal = async (as: As) => {
      const res = await send(as, contract, filled);
      return [res.status, res.body, res.headers['x-error-code'], res.headers['www-authenticate']];
    };
    expect(await refusal(service.nobody)).toEqual([401, { detail: 'Authentication credentials were not provided.' }, 'not_authenticated', 'Token']);
    expect(await refusal(service.as('0'.repeat(40)))).toEqual([401, { detail: 'Invalid token.' }, 'invalid_token', 'Token']);
    expect(await refusal(expired)).toEqual([401, { detail: 'Invalid token.' }, 'invalid_token', 'Token']);
    const forbidden = [403, { detail: 'You do not have permission to perform this action.' }, 'permission_denied', undefined];
    expect(await refusal(component)).toEqual(forbidden);
    if (contract.access === 'staff') {
      expect(await refusal(service.user)).toEqual(forbidden);
      expect(await refusal(service.stranger)).toEqual(forbidden);
    } else expect(await refusal(service.staff)).toEqual(forbidden);
    expect(await state()).toBe(before);
  });

  const staffs = closed.filter(([, { contract }]) => contract.access === 'staff');
  it.each(staffs)('staff may: %s', async (_name, { path, contract }) => {
    const { status } = await send(service.staff, contract, fill(path, UNKNOWN));
    expect([200, 201, 204, 400, 404]).toContain(status);
  });

  const users = closed.filter(([, { contract }]) => contract.access === 'enduser');
  it.each(users)('end users may, or the action is not theirs: %s', async (_name, { path, contract }) => {
    const res = await send(service.user, contract, fill(path, UNKNOWN));
    if (res.status === 403) expect(path).toMatch(/\/instances\/:id\/(migrate|abort[-_]migrate|move|reset[-_]state)$/);
    else expect([200, 201, 204, 400, 404]).toContain(res.status);
  });

  const personal = closed.filter(([, { path, contract }]) => contract.access === 'enduser' && path.includes(':') && !CATALOGUE.test(path));
  it.each(personal)("404: what is another client's looks like what is not there: %s", async (_name, { path, contract }) => {
    const before = await state();
    const theirs = await send(service.stranger, contract, fill(path, own));
    const absent = await send(service.stranger, contract, fill(path, UNKNOWN));
    const plain = (text: string): string =>
      Object.values({ ...own, ...UNKNOWN })
        .concat(Object.values(own))
        .reduce<string>((said, id) => said.replaceAll(String(id), 'ID'), text);
    expect([theirs.status, plain(theirs.text)]).toEqual([absent.status, plain(absent.text)]);
    expect([400, 403, 404]).toContain(theirs.status);
    expect(await state()).toBe(before);
  });
  const lists = closed.filter(([, { path, contract }]) => contract.access === 'enduser' && contract.method === 'get' && !path.includes(':'));
  it.each(lists)("a stranger's list holds nothing of ours: %s", async (_name, { path }) => {
    const { text } = await service.stranger.get(path).expect(200);
    for (const id of [own.client, own.instance, own.operation]) expect(text).not.toContain(String(id));
    const filtered = await service.stranger.get(
      `${path}?filtering=${path.endsWith('clients') ? `id:${own.client}` : path.endsWith('instances') ? `project__service__client__id:${own.client}` : `id__isnull:false`}`,
    );
    expect(filtered.text).not.toContain(String(own.client));
  });
});
