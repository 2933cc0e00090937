import { people, service, useService } from './support.js';

const NUL = 'Text can not hold the character NUL';
const HALF = 'Text can not hold half of a surrogate pair';
const DEEP = '['.repeat(6000) + ']'.repeat(6000);

describe('text, depth and digits of a stranger', () => {
  const s = useService();
  const send = (path: string, body: string, token = people.admin.token) =>
    s.as(token).post(path).type('json').send(body);
  const said = ({ body }: { body: Record<string, { message: string }> }): string | undefined =>
    (body.error ?? body.badRequest)?.message;

  it.each([
    ['/identity/v2.0/tokens', '{"auth":{"token":{"id":DEEP}}}'],
    ['/identity/v2.0/tokens', `{"auth":{"token":{"id":"${people.user.token}"}},"more":DEEP}`],
    ['/identity/v3/auth/tokens', 'DEEP'],
    ['/account/v1.0/user_catalogs', '{"uuids":DEEP}'],
    ['/account/v1.0/projects', '{"resources":DEEP}'],
    ['/identity/v2.0/users', '{"user":{"metadata":DEEP}}'],
  ])('400: %s, %s, 6,000 and 101 deep', async (path, body) => {
    for (const deep of [DEEP, '['.repeat(101) + ']'.repeat(101)])
      expect(said(await send(path, body.replace('DEEP', deep)).expect(400))).toBe(
        'Malformed request: the value is nested deeper than 100',
      );
  });
  it.each([
    ['\\u0000', NUL],
    ['\\ud800', HALF],
    ['\\udc00 \\ud800', HALF],
  ])('400: %s in any text', async (text, words) => {
    for (const [path, body] of [
      ['/identity/v2.0/tokens', `{"auth":{"token":{"id":"x${text}"}}}`],
      ['/identity/v2.0/tokens', `{"auth":{"token":{"id":"${people.user.token}"}},"more":"${text}"}`],
      ['/identity/v2.0/tokens', `{"auth":{"passwordCredentials":{"username":"${text}","password":"x"}}}`],
      ['/identity/v3/auth/tokens', `{"auth":{"identity":{"methods":["token"],"token":{"id":"${text}"}}}}`],
      ['/identity/v2.0/users', `{"user":{"username":"a@b.co","first_name":"${text}","last_name":"x"}}`],
      [
        '/identity/v2.0/users',
        `{"user":{"username":"a@b.co","first_name":"a","last_name":"x","metadata":{"a":[{"${text}":1}]}}}`,
      ],
      [
        `/identity/v3/users/${people.admin.uuid}/application_credentials`,
        `{"application_credential":{"name":"a${text}"}}`,
      ],
      ['/account/v1.0/projects', `{"name":"a.org","end_date":"2099-01-01","description":"${text}"}`],
    ] as const)
      expect([path, body, said(await send(path, body).expect(400))]).toEqual([path, body, words]);
    expect(
      (
        await send(
          `/internal/v1/users/${people.user.uuid}/tokens`,
          `{"label":"${text}","form":"hex","expires_at":null}`,
          service.token,
        ).expect(400)
      ).body.error.reason,
    ).toBe('text');
  });
  it('200: a name that can not exist is unknown, and keeps no other name of the list back', async () => {
    const { email, uuid } = people.user;
    const body = `{"displaynames":["a\\u0000","\\ud800","${email}"],"uuids":["\\u0000","${uuid}"]}`;
    expect((await send('/account/v1.0/user_catalogs', body).expect(200)).body).toEqual({
      displayname_catalog: { [people.user.email]: people.user.uuid },
      uuid_catalog: { [people.user.uuid]: people.user.email },
    });
  });
  it('400: NUL in forms', async () => {
    const feedback = () => s.as(people.user.token).post('/account/v1.0/feedback');
    expect(said(await feedback().type('form').send('feedback_msg=a%00').expect(400))).toBe(NUL);
    const part = '--b\r\nContent-Disposition: form-data; name="feedback_msg"\r\n\r\na\0\r\n--b--\r\n';
    expect(said(await feedback().set('Content-Type', 'multipart/form-data; boundary=b').send(part).expect(400))).toBe(
      NUL,
    );
    await s.api().post('/ui/login').type('form').send('username=a%00&password=b').expect(400);
  });
  it.each([
    '/identity/v3/projects?name',
    '/identity/v3/users?marker',
    '/identity/v2.0/tenants?more',
    '/account/v1.0/authenticate?usage',
    '/ui/login?next',
  ])('400: NUL in %s', async (path) => {
    await s.as(people.admin.token).get(`${path}=a%00`).expect(400);
  });
  it.each(['/identity/v2.0/tokens/a%00', '/identity/v3/users/%00', '/account/v1.0/projects/%00'])(
    '400: NUL in the path %s',
    async (path) => {
      await s.as(people.admin.token).get(path).expect(400);
    },
  );
  it('whole numbers come exactly where they are kept, and are refused where they would be rounded', async () => {
    const project = (max: string) =>
      send(
        '/account/v1.0/projects',
        `{"name":"a.org","end_date":"2099-01-01","max_members":${max}}`,
        people.user.token,
      );
    const { body } = await project('9223372036854775806').expect(201);
    expect((await s.as(people.user.token).get(`/account/v1.0/projects/${body.id}`).expect(200)).text).toContain(
      '"max_members": 9223372036854775806'.replace(': ', ':'),
    );
    for (const max of ['9223372036854775808', '1e400', '5.00000000000000000001', '1'.repeat(5000)])
      await project(max).expect(400);
    const user =
      '{"user":{"username":"digits@example.com","first_name":"a","last_name":"b","metadata":{"n":9007199254740993}}}';
    expect(said(await send('/identity/v2.0/users', user).expect(400))).toBe(
      'Malformed request: a number has more digits than can be kept',
    );
  });
  it('414: a path longer than any that exists', async () => {
    expect(
      (
        await s
          .api()
          .get(`/identity/${'a'.repeat(5000)}`)
          .expect(414)
      ).body,
    ).toEqual({ detail: 'The path is too long.' });
  });
});
