import { createActiveUser } from '../src/domain/accounts.js';
import { actOn } from '../src/domain/admin-actions.js';
import { people, PASSWORD, useService } from './support.js';

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
  const act = (token: string, uuid: string, body: object) => s.as(token).post(`/identity/v2.0/users/${uuid}/action`).send(body);
  const put = (token: string, uuid: string, change: object) => s.as(token).put(`/identity/v2.0/users/${uuid}`).send({ user: change });
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

  it('403: whatever they try on a superuser or on another administrator, and nothing happens', async () => {
    for (const [uuid, token] of [
      [people.admin.uuid, people.admin.token],
      [peer.uuid, peer.token],
    ] as const) {
      const row = () => s.rows('select a.*, array(select group_id from group_member where account_id = a.id) g from account a where uuid = $1', [uuid]);
      const before = await row();
      for (const body of ACTIONS) {
        const res = await act(admin.token, uuid, body);
        expect([Object.keys(body), res.status]).toEqual([Object.keys(body), 403]);
      }
      for (const change of [{ password: 'another long password' }, { username: 'mine@example.com' }, { first_name: 'X' }])
        await put(admin.token, uuid, change).expect(403);
      expect(await row()).toEqual(before);
      await s.as(token).get('/account/v1.0/authenticate').expect(200);
    }
  });
  it('403: they make no administrators, themselves and others', async () => {
    await act(admin.token, user.uuid, { addGroup: { name: 'admin-api' } }).expect(403);
    await act(admin.token, user.uuid, { addGroup: { name: 'helpdesk' } }).expect(200);
    expect((await s.as(user.token).get('/account/v1.0/authenticate').expect(200)).body.groups).toEqual(['default', 'helpdesk']);
  });
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
    await act(people.admin.token, user.uuid, { addGroup: { name: 'admin-api' } }).expect(200);
    await actOn(s.act, people.admin.uuid, 'signTerms', {});
  });
});
