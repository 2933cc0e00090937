import { createActiveUser } from '../../src/accounts/domain/new-accounts.js';
import { performUserAction } from '../../src/accounts/domain/user-actions.js';
import { login, people, PASSWORD, useService } from '../support.js';

const ACTIONS = [
  { renewToken: {} },
  { deactivate: { reason: 'x' } },
  { activate: {} },
  { signTerms: {} },
  { setDefaultProject: { project_id: people.admin.uuid } },
  { verify: {} },
  { accept: {} },
  { reject: { reason: 'x' } },
  { addGroup: { name: 'helpdesk' } },
  { removeGroup: { name: 'default' } },
  { revokeTokens: {} },
];

describe('administrators who are no superusers', () => {
  const s = useService();
  let admin: { uuid: string; token: string };
  let peer: { uuid: string; token: string };
  let user: { uuid: string; token: string };
  const make = async (email: string, groups: string[]) => {
    const made = await createActiveUser(s.act, { email, firstName: 'A', lastName: 'B', password: PASSWORD, groups });
    return { uuid: made.account.uuid, token: made.token.token };
  };
  beforeAll(async () => {
    admin = await make('helper@example.com', ['admin-api']);
    peer = await make('peer@example.com', ['admin-api']);
    user = await make('plain@example.com', []);
  });
  const act = (token: string, uuid: string, body: object) =>
    s.as(token).post(`/identity/v2.0/users/${uuid}/action`).send(body);
  const put = (token: string, uuid: string, change: object) =>
    s.as(token).put(`/identity/v2.0/users/${uuid}`).send({ user: change });

  it('403: whatever they try on a superuser or on another administrator, and nothing happens', async () => {
    for (const [uuid, token] of [
      [people.admin.uuid, people.admin.token],
      [peer.uuid, peer.token],
    ] as const) {
      const row = () =>
        s.rows(
          `select a.*, array(select group_id from group_member where account_id = a.id) g
           from account a where uuid = $1`,
          [uuid],
        );
      const before = await row();
      for (const body of ACTIONS) {
        const res = await act(admin.token, uuid, body);
        expect([Object.keys(body), res.status]).toEqual([Object.keys(body), 403]);
      }
      for (const change of [
        { password: 'another long password' },
        { username: 'mine@example.com' },
        { email: 'mine@example.com' },
        { first_name: 'X' },
        { enabled: false },
      ])
        await put(admin.token, uuid, change).expect(403);
      expect(await row()).toEqual(before);
      await s.as(token).get('/account/v1.0/authenticate').expect(200);
    }
  });
  it('403: they make no administrators, themselves and others', async () => {
    await act(admin.token, user.uuid, { addGroup: { name: 'admin-api' } }).expect(403);
    await act(admin.token, user.uuid, { addGroup: { name: 'helpdesk' } }).expect(200);
    expect((await s.as(user.token).get('/account/v1.0/authenticate').expect(200)).body.groups).toEqual([
      'default',
      'helpdesk',
    ]);
  });
  it.each(['admin', 'service', 'manager', 'reader', 'member', 'Admin', 'users.manage', 'events.send'])(
    '403: they make no group that others take for the role %s, for themselves neither',
    async (name) => {
      for (const uuid of [user.uuid, admin.uuid]) await act(admin.token, uuid, { addGroup: { name } }).expect(403);
      const shown = await s
        .as(admin.token)
        .get('/identity/v2.0/users')
        .query({ name: 'plain@example.com' })
        .expect(200);
      expect(shown.body.user.roles).not.toContain(name);
      expect(await s.rows('select 1 from account_group where name = $1', [name])).toEqual([]);
    },
  );
  it('200: they act on users and change themselves', async () => {
    await put(admin.token, user.uuid, { first_name: 'Changed' }).expect(200);
    await act(admin.token, user.uuid, { deactivate: { reason: 'x' } }).expect(200);
    await act(admin.token, user.uuid, { activate: {} }).expect(200);
    await put(admin.token, admin.uuid, { last_name: 'Self' }).expect(200);
    await act(admin.token, admin.uuid, { signTerms: {} }).expect(200);
  });
  it('200: a superuser may act on everybody; so may the command line', async () => {
    await put(people.admin.token, peer.uuid, { first_name: 'Changed' }).expect(200);
    await act(people.admin.token, peer.uuid, { addGroup: { name: 'helpdesk' } }).expect(200);
    for (const name of ['manager', 'admin-api'])
      await act(people.admin.token, user.uuid, { addGroup: { name } }).expect(200);
    await performUserAction(s.act, people.admin.uuid, 'signTerms', {});
  });
});

describe("a superuser's application credential", () => {
  const s = useService();
  const { admin, user } = people;
  const tokenOf = async (unrestricted: boolean): Promise<string> => {
    const signedIn = (await login(s, admin).expect(201)).headers['x-subject-token'] as string;
    const wish = { application_credential: { name: `c-${unrestricted}`, unrestricted } };
    const made = await s
      .as(signedIn)
      .post(`/identity/v3/users/${admin.uuid}/application_credentials`)
      .send(wish)
      .expect(201);
    const { id, secret } = made.body.application_credential;
    const used = await s
      .api()
      .post('/identity/v3/auth/tokens')
      .send({ auth: { identity: { methods: ['application_credential'], application_credential: { id, secret } } } });
    return used.headers['x-subject-token'] as string;
  };
  const create = (token: string, username: string) =>
    s
      .as(token)
      .post('/identity/v2.0/users')
      .send({ user: { username, first_name: 'A', last_name: 'B' } });
  const rows = () =>
    s.rows('select a.*, array(select group_id from group_member where account_id = a.id) g from account a order by id');

  it('403: a restricted one makes and changes no user in any way, its own neither; it may look', async () => {
    const token = await tokenOf(false);
    const before = await rows();
    await create(token, 'made@example.com').expect(403);
    for (const uuid of [user.uuid, admin.uuid]) {
      for (const body of [...ACTIONS, { addGroup: { name: 'admin-api' } }])
        expect([body, (await s.as(token).post(`/identity/v2.0/users/${uuid}/action`).send(body)).status]).toEqual([
          body,
          403,
        ]);
      for (const change of [
        { password: 'another long password' },
        { username: 'mine@example.com' },
        { first_name: 'X' },
      ])
        expect([change, (await s.as(token).put(`/identity/v2.0/users/${uuid}`).send({ user: change })).status]).toEqual(
          [change, 403],
        );
    }
    expect(await rows()).toEqual(before);
    await s.as(user.token).get('/account/v1.0/authenticate').expect(200);
    await s.as(token).get(`/identity/v2.0/users/${user.uuid}`).expect(200);
  });
  it('200: an unrestricted one may', async () => {
    const token = await tokenOf(true);
    const { id } = (await create(token, 'made@example.com').expect(200)).body.user;
    await s
      .as(token)
      .post(`/identity/v2.0/users/${id}/action`)
      .send({ addGroup: { name: 'helpdesk' } })
      .expect(200);
  });
});
