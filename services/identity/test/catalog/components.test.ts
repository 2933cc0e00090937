import { randomUUID } from 'node:crypto';
import { COMPONENT_RIGHTS, type ComponentRight } from '@nefos/contracts';
import { openDatabase } from '@nefos/service-kit';
import { cloneDatabase } from '@nefos/testing';
import { pino } from 'pino';
import request from 'supertest';
import { endpoints } from '../../src/endpoints.js';
import { loadPrincipals } from '../../src/accounts/domain/bootstrap.js';
import { createComponent, setComponentRights } from '../../src/catalog/domain/components.js';
import { migrations } from '../../src/migrations/index.js';
import { people, useService } from '../support.js';

const COMPONENTS: Record<string, readonly ComponentRight[]> = {
  'nefos-compute': ['users.manage', 'events.send'],
  'nefos-metering': [],
  'nefos-operator': [],
  'a teller': ['events.send'],
};
/** Written out, so that a right that is given by mistake in a contract is seen here. */
const WHO = {
  'put /internal/v1/users/:uuid': ['nefos-compute'],
  'post /internal/v1/users/:uuid/activate': ['nefos-compute'],
  'delete /internal/v1/users/:uuid': ['nefos-compute'],
  'post /internal/v1/users/:uuid/check-password': ['nefos-compute'],
  'post /internal/v1/users/:uuid/tokens': ['nefos-compute'],
  'delete /internal/v1/tokens/:audit_id': ['nefos-compute'],
};

describe('which component may call what', () => {
  const s = useService();
  const tokens: Record<string, string> = {};
  beforeAll(async () => {
    for (const [name, rights] of Object.entries(COMPONENTS))
      tokens[name] = (await createComponent(s.act, { name: `test ${name}`, url: '/', rights })).token;
  });
  const call = (name: string, method: string, path: string) =>
    request(s.base)
      [method as 'get'](path.replace(/:\w+/g, () => randomUUID()))
      .set('X-Auth-Token', tokens[name] as string);
  const internal = endpoints.map((e) => e.contract).filter((c) => c.path.startsWith('/internal'));

  it('the internal endpoints: those of the table are there, and each names the right it asks for', () => {
    const known = internal.filter((c) => `${c.method} ${c.path}` in WHO);
    expect(known.map((c) => `${c.method} ${c.path}`).sort()).toEqual(Object.keys(WHO).sort());
    for (const c of internal)
      expect([c.path, c.access, COMPONENT_RIGHTS.includes(c.components as ComponentRight)]).toEqual([
        c.path,
        'service',
        true,
      ]);
  });
  it.each(Object.keys(COMPONENTS))(
    '%s: refused at each endpoint that does not name it, whatever it sends',
    async (name) => {
      const rights = COMPONENTS[name] as readonly string[];
      for (const { method, path, access, components } of endpoints.map((e) => e.contract)) {
        if (access === 'public' || access === 'session' || components === 'any') continue;
        const listed = (WHO as Record<string, string[]>)[`${method} ${path}`];
        const allowed = listed ? listed.includes(name) : components !== undefined && rights.includes(components);
        const res = await call(name, method, path);
        const at = `${method} ${path} as ${name}: ${res.status} ${res.text.slice(0, 200)}`;
        if (allowed) expect([at, res.status === 401 || res.status === 403]).toEqual([at, false]);
        // The guide's own endpoints do not know the token of a component at all (contract identity §3.3).
        else
          expect([at, res.status]).toEqual([
            at,
            path.startsWith('/internal') || path.startsWith('/identity/v3') ? 403 : 401,
          ]);
      }
    },
  );
  it('403: a user, a superuser too, is no component', async () => {
    for (const { method, path } of internal)
      await s
        .as(people.admin.token)
        [method as 'get'](path.replace(/:\w+/g, () => randomUUID()))
        .expect(401);
  });
  it("metering's token gets no token of anybody; compute's gets none of an administrator", async () => {
    const issue = (name: string, uuid: string) =>
      request(s.base)
        .post(`/internal/v1/users/${uuid}/tokens`)
        .set('X-Auth-Token', tokens[name] as string)
        .send({ label: 'x', form: 'hex', expires_at: null });
    const refused = await issue('nefos-metering', people.user.uuid).expect(403);
    expect(refused.body.error.reason).toBe('component.not_trusted');
    await issue('nefos-compute', people.user.uuid).expect(201);
    expect((await issue('nefos-compute', people.admin.uuid).expect(403)).body.error.reason).toBe('user.protected');
    await s
      .as(people.admin.token)
      .post(`/identity/v2.0/users/${people.other.uuid}/action`)
      .send({ addGroup: { name: 'admin-api' } })
      .expect(200);
    expect((await issue('nefos-compute', people.other.uuid).expect(403)).body.error.reason).toBe('user.protected');
  });
  it('rights are roles of the token that others are shown; a change holds at once', async () => {
    const { token } = await createComponent(s.act, { name: 'changing', url: '/', rights: ['users.manage'] });
    const roles = async () =>
      (
        await s.as(token).get('/identity/v3/auth/tokens').set('X-Subject-Token', token).expect(200)
      ).body.token.roles.map((r: { name: string }) => r.name);
    expect(await roles()).toEqual(['service', 'users.manage']);
    await setComponentRights(s.act, 'changing', []);
    expect(await roles()).toEqual(['service']);
    await s.as(token).delete(`/internal/v1/tokens/none`).expect(403);
  });
  it('the bootstrap gives rights when it makes a component; what the operator changes later stays', async () => {
    const component = (rights?: ComponentRight[]) => ({
      name: 'from the file',
      url: '/',
      token: 'file-token-00000000000000000000000000000',
      ...(rights && { rights }),
    });
    const rights = async () =>
      (await s.rows<{ rights: string[] }>("select rights from component where name = 'from the file'"))[0]?.rights;
    await loadPrincipals(s.ctx, { users: [], components: [component(['users.manage'])] });
    expect(await rights()).toEqual(['users.manage']);
    await setComponentRights(s.act, 'from the file', ['events.send']);
    await loadPrincipals(s.ctx, { users: [], components: [component(['users.manage'])] });
    expect(await rights()).toEqual(['events.send']);
    await setComponentRights(s.act, 'from the file', []);
    await loadPrincipals(s.ctx, { users: [], components: [component(['users.manage'])] });
    expect(await rights()).toEqual([]);
  });
});

it("an installation's components keep their rights: compute both, metering and the operator none", async () => {
  const log = pino({ level: 'silent' });
  const { url, drop } = await cloneDatabase({ name: 'identity_bare', migrations, log });
  const db = await openDatabase({ url, migrations, applicationName: 'test', log });
  try {
    for (const _ of migrations.slice(1)) await db.source.undoLastMigration();
    await db.pool.query(`insert into component (name, url, manages_users)
      values ('nefos-compute', '/', true), ('nefos-metering', '/', true), ('nefos-operator', '/', true),
        ('third', '/', false)`);
    await db.source.runMigrations();
    expect((await db.pool.query('select name, rights from component order by name')).rows).toEqual([
      { name: 'nefos-compute', rights: ['users.manage', 'events.send'] },
      { name: 'nefos-metering', rights: [] },
      { name: 'nefos-operator', rights: [] },
      { name: 'third', rights: [] },
    ]);
  } finally {
    await db.close();
    await drop();
  }
});
