import { useService } from './support.js';

const NUL = 'Null characters are not allowed.';
const HALF = 'Surrogate characters are not allowed: U+D800.';

describe('text, depth and digits of a stranger', () => {
  const service = useService();
  const clients = '/staffapi/clients';
  const send = (path: string, body: string) =>
    service.staff.post(path).set('Content-Type', 'application/json').send(body);
  const credit = (amount: string, id = service.ownClient) =>
    send(`${clients}/${id}/change_credit`, `{"amount":${amount},"currency":"EUR"}`);

  it('400: 60,000 zeros are no amount of money, and known as such at once', async () => {
    const start = process.cpuUsage();
    expect((await credit(`"0.${'0'.repeat(60_000)}1"`).expect(400)).body).toEqual({
      amount: ['String value too large.'],
    });
    expect(process.cpuUsage(start).user / 1000).toBeLessThan(2000);
  });
  it('200: an amount keeps every digit, as a number and as text', async () => {
    const id = await service.seedClient();
    expect((await credit('123456789012345.12', id).expect(200)).body.credit_balance).toBe('123456789012345.12');
    expect((await credit('"0.88"', id).expect(200)).body.credit_balance).toBe('123456789012346.00');
    expect((await credit('123456789012345.123456', id).expect(200)).body.credit_balance).toBe('246913578024691.12');
  });
  it.each(['9007199254740993', '1e400', '1.00000000000000001', '1234567890123456.5', '1e-400', '1'.repeat(5000)])(
    '400: %s would be rounded, so it is refused',
    async (amount) => {
      expect((await credit(amount).expect(400)).body).toHaveProperty('amount');
    },
  );
  it('201: a number that becomes text keeps its digits', async () => {
    const { body } = await send('/staffapi/clientgroups', '{"name":12345678901234567890}').expect(201);
    expect(body.name).toBe('12345678901234567890');
  });
  it.each([
    ['a choice', '/staffapi/clients', '{"country":DEEP}'],
    ['a field that nobody knows', '/staffapi/clients', '{"x":DEEP}'],
    ['the body itself', '/staffapi/openstack/instances', 'DEEP'],
    ['a body without an account', '/api/login', '{"username":DEEP}'],
  ])('400: %s, 6,000 deep', async (_name, path, body) => {
    const res = await send(path, body.replace('DEEP', '['.repeat(6000) + ']'.repeat(6000))).expect(400);
    expect(res.body).toEqual({ detail: 'JSON parse error - the value is nested deeper than 100' });
  });
  it.each(['search', 'ordering', 'filtering', 'external_billing_id', 'nobody_knows_this'])(
    '400: NUL in the parameter %s',
    async (name) => {
      expect((await service.staff.get(`${clients}?${name}=%00`).expect(400)).body).toEqual({ [name]: [NUL] });
      expect((await service.staff.get(`${clients}?${name}=a&${name}=b%00`).expect(400)).body).toEqual({
        [name]: { 1: [NUL] },
      });
    },
  );
  it('400: NUL in the name of a parameter', async () => {
    expect((await service.staff.get(`${clients}?a%00=1`).expect(400)).body).toEqual({ non_field_errors: [NUL] });
  });
  it.each([
    'clients/%00',
    'openstack/instances/%00',
    'openstack/regions/%00',
    'operations/%00',
    'openstack/images/a%00b',
  ])('404: %s', async (path) => {
    await service.staff.get(`/staffapi/${path}`).expect(404);
  });
  it.each([
    ['\\u0000', NUL],
    ['\\ud800', HALF],
    ['\\ud800\\ud800\\udc00', HALF],
  ])('400: %s in a field, named in the words of the framework beside all others', async (text, said) => {
    const { body } = await send(
      clients,
      `{"first_name":"${text}","custom_fields":[{"name":"a","value":"x${text}"}]}`,
    ).expect(400);
    expect(body).toMatchObject({
      first_name: [said],
      custom_fields: { 0: { value: [said] } },
      city: ['This field is required.'],
    });
  });
  it.each([
    ['{"name":"a group","more":{"deep":["\\u0000"]}}', { more: { deep: { 0: [NUL] } } }],
    ['{"name":"a group","\\u0000":1}', { non_field_errors: [NUL] }],
    ['{"name":"a group","\\udfff":1}', { non_field_errors: ['Surrogate characters are not allowed: U+DFFF.'] }],
    ['{"name":"a group","__proto__":"\\u0000"}', JSON.parse(`{"__proto__":["${NUL}"]}`)],
  ])('400: also where nobody reads it: %s', async (body, wanted) => {
    expect((await send('/staffapi/clientgroups', body).expect(400)).body).toEqual(wanted);
  });
  it('400: log-in and instance names', async () => {
    expect((await send('/api/login', '{"username":"a\\u0000","password":"\\ud800"}').expect(400)).body).toEqual({
      username: [NUL],
      password: [HALF],
    });
    expect((await send('/staffapi/openstack/instances', '{"name":"\\udc00"}').expect(400)).body).toMatchObject({
      name: ['Surrogate characters are not allowed: U+DC00.'],
    });
  });
});
