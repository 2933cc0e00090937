import type { IdentityRequest } from '../../src/ctx.js';
import { roleAssignments } from '../../src/keystone/domain/role-assignments.js';
import { listAllProjects } from '../../src/projects/store/projects.js';
import { listAssignments } from '../../src/keystone/store/role-assignments.js';
import { listUsers } from '../../src/accounts/store/users.js';
import { login, people, useService } from '../support.js';

const V3 = '/identity/v3';
/**
 * Filters that Keystone documents for each list that we serve, and values of each: what it finds, or none. Those that
 * are not here are 400.
 */
const REFUSED: Record<string, string[]> = {
  users: [
    'idp_id',
    'unique_id',
    'protocol_id',
    'password_expires_at',
    'name__contains',
    'default_project_id',
    'sort_key',
    'page',
  ],
  projects: ['name__startswith', 'include_limits', 'page'],
  domains: ['name__icontains'],
  roles: ['name__endswith', 'page'],
  role_assignments: ['name', 'user', 'scope.project.name'],
  services: ['enabled', 'page'],
  endpoints: ['per_page'],
  regions: ['name'],
  groups: ['name__contains'],
  'auth/projects': ['parent_id'],
  'auth/domains': ['domain_id'],
  'auth/system': ['all'],
  [`users/${people.user.uuid}/projects`]: ['page'],
  [`users/${people.user.uuid}/groups`]: ['page'],
  [`users/${people.user.uuid}/application_credentials`]: ['roles'],
  'groups/1/users': ['page'],
};

describe('lists of v3: every filter is applied or refused', () => {
  const s = useService();
  const get = async (
    path: string,
    token = people.admin.token,
  ): Promise<Record<string, unknown> & { links: { next: string | null } }> =>
    (await s.as(token).get(`${V3}/${path}`).expect(200)).body;
  const rows = async (path: string, token = people.admin.token): Promise<{ id: string; name: string }[]> =>
    Object.entries(await get(path, token)).find(([key]) => key !== 'links')?.[1] as never;
  const ids = async (path: string, token = people.admin.token): Promise<string[]> =>
    (await rows(path, token)).map((one) => one.id);
  /** All pages, by the links. */
  const walk = async (path: string, seen: string[] = []): Promise<string[]> => {
    const body = await get(path);
    const page = (
      Object.entries(body).find(([key]) => key !== 'links')?.[1] as { id?: string; links: { assignment: string } }[]
    ).map((one) => one.id ?? one.links.assignment);
    const all = [...seen, ...page];
    if (all.length > 200) throw new Error('no end');
    return body.links.next ? walk(body.links.next.slice(body.links.next.indexOf(V3) + V3.length + 1), all) : all;
  };
  const everybody = Object.values(people).map((p) => p.uuid);

  beforeAll(async () => {
    await s.rows('update account set is_active = false where uuid = $1', [people.other.uuid]);
    await s.rows("update project set state = 'suspended' where uuid = $1", [people.other.uuid]);
    await s
      .as(people.user.token)
      .post('/account/v1.0/projects')
      .send({ name: 'wanted.example.org', end_date: '2099-01-01T00:00:00Z' })
      .expect(201);
  });

  it.each(Object.entries(REFUSED).flatMap(([list, names]) => names.map((name) => [list, name] as const)))(
    '400: %s?%s',
    async (list, name) => {
      const token = list.includes(people.user.uuid) ? people.user.token : people.admin.token;
      await s.as(token).get(`${V3}/${list}`).expect(200);
      const { body } = await s.as(token).get(`${V3}/${list}?${name}=x`).expect(400);
      expect(body.error.message).toContain(name);
    },
  );
  it.each([
    ['users?enabled=maybe', 'a word that is neither yes nor no'],
    ['endpoints?interface=public&interface=admin', 'twice'],
    ['endpoints?interface=secret', 'an interface that does not exist'],
    ['role_assignments?effective=maybe', 'neither yes nor no'],
    ['role_assignments?user.id=a&group.id=b', 'together, as in Keystone'],
    ['role_assignments?scope.project.id=a&scope.system=all', 'two scopes'],
    ['role_assignments?effective&group.id=1', 'as in Keystone'],
    ['role_assignments?include_subtree', 'of no project'],
    ['role_assignments?marker=x', 'a marker that is none'],
    ['role_assignments?marker=1.9999999999999999', 'nor a number beyond what the database holds'],
    ['role_assignments?marker=9999999999999999999.1', 'in either part'],
    ['users?limit=0', 'no rows'],
    ['users?limit=1e2', 'no plain number'],
    ['users?marker=00000000-0000-4000-8000-000000000000', 'a page after nobody is not the first page'],
    ['projects?marker=nothing', 'nor one after nothing'],
    ['roles?marker=nothing', 'nor in a list in memory'],
    ['auth/system?marker=x', 'nor where nothing has an id'],
  ])('400: %s (%s)', async (path) => {
    await s.as(people.admin.token).get(`${V3}/${path}`).expect(400);
  });
  it('200: users by name in any case, state, domain; a uuid is no name', async () => {
    expect(await ids('users')).toEqual(expect.arrayContaining(everybody));
    expect(await ids('users?name=USER%40example.com')).toEqual([people.user.uuid]);
    expect(await ids(`users?name=${people.user.uuid}`)).toEqual([]);
    expect(await ids('users?name=nobody')).toEqual([]);
    for (const no of ['false', 'False', '0', 'no', 'off'])
      expect(await ids(`users?enabled=${no}`)).toEqual([people.other.uuid]);
    for (const yes of ['', '=true', '=1', '=True'])
      expect(await ids(`users?enabled${yes}`)).not.toContain(people.other.uuid);
    expect(await ids(`users?enabled=true&name=${people.other.email}`)).toEqual([]);
    expect(await ids('users?domain_id=default')).toHaveLength(3);
    expect(await ids('users?domain_id=other')).toEqual([]);
  });
  it('200: projects by name, also one that is applied for; by state, owner, parent, tags', async () => {
    const wanted = (await rows('projects?name=wanted.example.org')).map((p) => p.name);
    expect(wanted).toEqual(['wanted.example.org']);
    expect(await ids(`projects?name=system:${people.user.uuid}`)).toEqual([people.user.uuid]);
    expect((await ids('projects?enabled=false')).length).toBe(2);
    expect(await ids(`projects?enabled=true&user_id=${people.user.uuid}`)).toEqual([people.user.uuid]);
    const all = await ids('projects');
    expect(all).toHaveLength(4);
    for (const same of ['domain_id=default', 'parent_id=default', 'is_domain=false', 'not-tags=x', 'not-tags-any=x,y'])
      expect([same, await ids(`projects?${same}`)]).toEqual([same, all]);
    for (const none of ['domain_id=x', `parent_id=${people.user.uuid}`, 'is_domain', 'tags=x', 'tags-any=x'])
      expect([none, await ids(`projects?${none}`)]).toEqual([none, []]);
    for (const list of ['auth/projects', `users/${people.user.uuid}/projects`])
      for (const [filter, found] of [
        ['', [people.user.uuid]],
        ['enabled=true', [people.user.uuid]],
        ['enabled=false', []],
        ['name=x', []],
        ['domain_id=x', []],
      ] as const)
        expect([list, filter, await ids(`${list}?${filter}`, people.user.token)]).toEqual([list, filter, found]);
  });
  it('200: domains, roles, services, endpoints, regions, groups by their filters', async () => {
    for (const [path, found] of [
      ['domains?name=NoSuch', []],
      ['domains?name=default', ['default']],
      ['domains?enabled=false', []],
      ['auth/domains?name=x', []],
      ['roles?name=admin', ['admin']],
      ['roles?name=default', ['1']],
      ['roles?domain_id=default', []],
      ['services?type=nothing', []],
      ['regions?parent_region_id=default', []],
      ['endpoints?region_id=elsewhere', []],
      ['endpoints?enabled=false', []],
      ['groups?name=default', ['1']],
      ['groups?domain_id=other', []],
      [`users/${people.admin.uuid}/groups?name=default`, ['1']],
      [`groups/1/users?name=${people.user.email}`, [people.user.uuid]],
      ['groups/1/users?enabled=false', [people.other.uuid]],
    ] as const)
      expect([path, await ids(path)]).toEqual([path, found]);
    const [own] = await ids('services?type=identity&name=astakos_identity');
    expect(await ids(`endpoints?service_id=${own ?? ''}&interface=public`)).toHaveLength(1);
    const publics = (await rows('endpoints?interface=public')) as unknown as { interface: string }[];
    expect([publics.length > 1, ...new Set(publics.map((e) => e.interface))]).toEqual([true, 'public']);
  });
  it("200: application credentials by name, and `next` keeps the filter's place", async () => {
    const path = `users/${people.user.uuid}/application_credentials`;
    for (const name of ['a', 'b', 'c'])
      await s.as(people.user.token).post(`${V3}/${path}`).send({ application_credential: { name } }).expect(201);
    expect(await rows(`${path}?name=b`, people.user.token)).toMatchObject([{ name: 'b' }]);
    expect(await walk(`${path}?limit=2`)).toHaveLength(3);
  });

  describe('role assignments', () => {
    type Assignment = { role: { id: string; name?: string }; user: { id: string }; scope: object };
    const assigned = async (query: string): Promise<Assignment[]> =>
      (await get(`role_assignments?${query}`)).role_assignments as Assignment[];
    const short = async (query: string): Promise<string[]> =>
      (await assigned(query)).map(
        ({ role, user, scope }) =>
          `${people.admin.uuid === user.id ? 'admin' : 'user'}:${role.id}@${Object.keys(scope)[0] ?? ''}`,
      );

    it("200: members, superusers' role in every scope, groups; with what they imply when asked", async () => {
      const [group] = await ids('groups?name=admin-api');
      expect(await short(`user.id=${people.user.uuid}`)).toEqual(['user:member@project', 'user:1@project']);
      expect(await short(`user.id=${people.admin.uuid}`)).toEqual([
        'admin:member@project',
        'admin:admin@project',
        'admin:admin@domain',
        'admin:admin@system',
        'admin:1@project',
        `admin:${group ?? ''}@project`,
      ]);
      expect(await short(`user.id=${people.user.uuid}&effective`)).toEqual([
        'user:reader@project',
        'user:member@project',
        'user:1@project',
      ]);
      expect(await short('scope.system=all')).toEqual(['admin:admin@system']);
      expect(await short('scope.domain.id=default&effective=true')).toEqual(
        ['reader', 'member', 'manager', 'admin'].map((r) => `admin:${r}@domain`),
      );
      expect(await short('role.id=admin&scope.system=all')).toEqual(['admin:admin@system']);
      expect(await short(`role.id=${group ?? ''}`)).toEqual([`admin:${group ?? ''}@project`]);
      expect(await short(`scope.project.id=${people.user.uuid}&role.id=member&include_subtree`)).toEqual([
        'user:member@project',
      ]);
      expect((await assigned(`scope.project.id=${people.user.uuid}`)).map((a) => a.user.id)).toEqual([
        people.user.uuid,
        people.user.uuid,
      ]);
    });
    it('200: what a token carries is what is listed with what it implies', async () => {
      for (const who of [people.user, people.admin]) {
        const { roles } = (await login(s, who).expect(201)).body.token as { roles: { id: string }[] };
        const listed = (await assigned(`user.id=${who.uuid}&scope.project.id=${who.uuid}&effective`)).map(
          (a) => a.role.id,
        );
        expect(listed).toEqual(roles.map((r) => r.id));
      }
    });
    it.each([
      'role.id=x',
      'role.id=999999',
      'user.id=x',
      'group.id=1',
      'scope.project.id=x',
      'scope.domain.id=x',
      'scope.OS-INHERIT:inherited_to=projects',
    ])('200, none: %s', async (query) => {
      expect(await assigned(query)).toEqual([]);
    });
    it.each(['reader', 'manager'])(
      '200, none, and nobody is looked at, for %s, which nobody has but by another role',
      async (role) => {
        expect(await assigned(`role.id=${role}`)).toEqual([]);
        const ctx = {} as IdentityRequest; // no database
        expect(await roleAssignments(ctx, { effective: false, role, limit: 1 })).toEqual([]);
        expect((await assigned(`role.id=${role}&effective`)).length).toBeGreaterThan(0);
      },
    );
    it('200: include_names names the role, the user with the domain, and the project with the domain', async () => {
      const domain = { id: 'default', name: 'Default' };
      const [own] = await assigned(`user.id=${people.admin.uuid}&include_names`);
      expect(own).toMatchObject({
        role: { id: 'member', name: 'member' },
        user: { id: people.admin.uuid, name: people.admin.email, domain },
        scope: { project: { id: people.admin.uuid, name: `system:${people.admin.uuid}`, domain } },
      });
      expect((await assigned('scope.domain.id=default&include_names=True'))[0]?.scope).toEqual({ domain });
      expect((await assigned(`user.id=${people.user.uuid}&role.id=1&include_names`))[0]?.role).toEqual({
        id: '1',
        name: 'default',
      });
    });
  });

  it.each([
    'users',
    'projects',
    'projects?enabled=true',
    'roles',
    'services',
    'endpoints?interface=public',
    'groups',
    'groups/1/users',
    'role_assignments',
    'role_assignments?effective=true',
    'role_assignments?role.id=1',
  ])('pages of one and of two, by the links, are the whole list: %s', async (path) => {
    const whole = await walk(path);
    expect(whole.length).toBeGreaterThan(1);
    for (const limit of [1, 2])
      expect(await walk(`${path}${path.includes('?') ? '&' : '?'}limit=${limit}`)).toEqual(whole);
    expect(await walk(`${path}${path.includes('?') ? '&' : '?'}limit=1000000000000`)).toEqual(whole);
  });
  it('`next` carries the filters, and never a token', async () => {
    const { links } = await get('users?limit=1&enabled=true&domain_id=default&X-Auth-Token=secret');
    const next = new URL(links.next ?? '');
    expect(Object.fromEntries(next.searchParams)).toMatchObject({ limit: '1', enabled: 'true', domain_id: 'default' });
    expect(next.href).not.toContain('secret');
  });
  it('lists of v2.0 have a link to the next page, too', async () => {
    for (const path of ['users', 'users/detail']) {
      const seen: string[] = [];
      for (let at: string | undefined = `${path}?limit=2`; at;) {
        const body = (await s.as(people.admin.token).get(`/identity/v2.0/${at}`).expect(200)).body as {
          users: { id: string }[];
          users_links: { rel: string; href: string }[];
        };
        seen.push(...body.users.map((u) => u.id));
        at = body.users_links[0]?.href.split('/v2.0/')[1];
        if (seen.length > 10) break;
      }
      expect(seen.sort()).toEqual([...everybody].sort());
    }
  });
  it('the filters use indexes: a page out of many thousands reads few of them', async () => {
    await s.rows(
      `insert into account
         (uuid, username, email, first_name, last_name, default_project, is_active, email_verified, moderated)
      select u, n || '@many.example', n || '@many.example', 'a', 'b', u, true, true, true
      from (select gen_random_uuid() u, n from generate_series(1, 20000) n) x`,
    );
    await s.rows('insert into group_member (account_id, group_id) select id, 1 from account on conflict do nothing');
    await s.rows(
      `insert into project (uuid, realname, is_base, base_of, end_date, join_policy, leave_policy, max_members, state)
       select uuid, 'system:' || uuid, true, id, now() + interval '1 year', 'closed', 'closed', 1, 'active'
       from account on conflict do nothing`,
    );
    await s.rows('analyze account, group_member, project');
    const asPlan = (one: { text: string }) => s.db.pool.query({ ...one, text: `explain (format json) ${one.text}` });
    const explain = { pool: { query: asPlan } } as never;
    const first = people.user.uuid;
    const plans = {
      'users by state': listUsers(explain, { limit: 2, enabled: false }),
      'users by name': listUsers(explain, { limit: 2, name: people.user.email }),
      'members of a group': listUsers(explain, { limit: 2, group: 101 }),
      'projects by name': listAllProjects(explain, { limit: 2, after: 0, name: 'wanted.example.org' }),
      'projects by state': listAllProjects(explain, { limit: 2, after: 0, enabled: false }),
      'projects of a user': listAllProjects(explain, { limit: 2, after: 0, account: { id: 1001, uuid: first } }),
      ...Object.fromEntries(
        [
          {},
          { user: first },
          { project: first },
          { scope: 'system' as const },
          { role: 'admin' },
          { role: '101', group: 101 },
          { after: { account: '1', ord: 1 } },
        ].map((filter) => [
          `assignments ${JSON.stringify(filter)}`,
          listAssignments(explain, { effective: false, hidden: [], limit: 2, ...filter }),
        ]),
      ),
    };
    const scanned = (plan: unknown): string[] =>
      ['account', 'project', 'group_member'].filter((table) =>
        new RegExp(`"Seq Scan"[^{}]*"Relation Name":"${table}"`).test(JSON.stringify(plan)),
      );
    expect(scanned(await s.rows("explain (format json) select from account where first_name = 'x'"))).toEqual([
      'account',
    ]);
    for (const [name, plan] of Object.entries(plans)) {
      const found = await plan;
      expect([name, scanned(found), JSON.stringify(found).includes('Index')]).toEqual([name, [], true]);
    }
  });
});
