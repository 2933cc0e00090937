import { people, service, useService } from './support.js';

describe('instants of a stranger', () => {
  const s = useService();
  const WRONG = [
    '9999-12-31T23:59:59-23:59',
    '9999-12-31T23:59:59.999999-00:01',
    '2027-02-31T00:00:00Z',
    '2027-01-01T24:00:00Z',
    '2027-01-01T00:00:00+16:00',
    '+010000-01-01T00:00:00Z',
    '',
    'x'.repeat(60),
  ];
  const PAST = ['0001-01-01T00:00:00+15:00', '2020-01-01T00:00:00Z'];
  it.each([...WRONG, ...PAST])('400: %j', async (text) => {
    const user = s.as(people.user.token);
    const credential = { application_credential: { name: `c${text}`.slice(0, 50), expires_at: text } };
    const { body } = await user
      .post(`/identity/v3/users/${people.user.uuid}/application_credentials`)
      .send(credential)
      .expect(400);
    expect(body.error.message).toBe('expires_at must be an instant in the future, such as 2030-01-31T00:00:00Z');
    await user.post('/account/v1.0/projects').send({ name: 'a.org', end_date: text }).expect(400);
    if (WRONG.includes(text)) {
      const wish = { name: 'a.org', end_date: '2099-01-01T00:00:00Z', start_date: text };
      await user.post('/account/v1.0/projects').send(wish).expect(400);
    }
    const token = { label: 'x', form: 'hex', expires_at: text };
    await s.as(service.token).post(`/internal/v1/users/${people.user.uuid}/tokens`).send(token).expect(400);
  });
  it.each(WRONG)('400: users by their state after %j', async (text) => {
    await s.as(service.token).get('/internal/v1/user-states').query({ after: text }).expect(400);
  });
  it('201: the last second of the calendar, and no zone is UTC', async () => {
    const make = (name: string, at: string) =>
      s
        .as(people.user.token)
        .post(`/identity/v3/users/${people.user.uuid}/application_credentials`)
        .send({ application_credential: { name, expires_at: at } })
        .expect(201);
    expect((await make('last', '9999-12-31T23:59:59Z')).body.application_credential.expires_at).toMatch(
      /^9999-12-31T23:59:59/,
    );
    expect((await make('plain', '2098-02-28T10:00:00.000000')).body.application_credential.expires_at).toMatch(
      /^2098-02-28T10:00:00/,
    );
  });
});
