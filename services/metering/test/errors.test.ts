import { sql } from '@nefos/service-kit';
import request from 'supertest';
import { CUSTOMER, rh, SUPERUSER, useService } from './support.js';

const AWS = '736266527014';
const ARN = `arn:aws:iam::${AWS}:role/role-for-cloudigrade`;
const REQUIRED = ['This field is required.'];
const NOT_FOUND = { detail: 'Not found.' };
const BAD_USER = { user_id: ['user_id must be an integer.'] };
const DATE = (field: string) => [`${field} must be a date (YYYY-MM-DD).`];
const TAKEN = { account_arn: [`An ARN already exists for account "${AWS}"`] };
const NAME_TAKEN = {
  non_field_errors: [`Account with name 'greatest account ever' for account number '${CUSTOMER}' already exists`],
};
type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

describe('every refusal, word for word (contract metering §§1, 3, 5 to 7, 9)', () => {
  const service = useService();
  it.each<[number, Method, string, unknown, unknown, string?]>([
    [400, 'post', 'accounts/', {}, { name: REQUIRED, cloud_type: REQUIRED }],
    [400, 'post', 'accounts/', undefined, { name: REQUIRED, cloud_type: REQUIRED }],
    [
      400,
      'post',
      'accounts/',
      { name: '', cloud_type: 'gcp', account_arn: 'x' },
      {
        name: ['This field may not be blank.'],
        cloud_type: ['"gcp" is not a valid choice.'],
        account_arn: ['Invalid ARN.'],
      },
    ],
    [
      400,
      'post',
      'accounts/',
      { name: 'x'.repeat(257), cloud_type: 'nefos', account_arn: null },
      {
        name: ['Ensure this field has no more than 256 characters.'],
        cloud_type: ['"nefos" is not a valid choice.'],
        account_arn: ['This field may not be null.'],
      },
    ],
    [
      400,
      'post',
      'accounts/',
      { name: true, cloud_type: 'aws', account_arn: {} },
      { name: ['Not a valid string.'], account_arn: ['Not a valid string.'] },
    ],
    [
      400,
      'post',
      'accounts/',
      { name: 'new', cloud_type: 'aws', account_arn: `arn:aws:iam::${AWS}:role/${'x'.repeat(256)}` },
      { account_arn: ['Ensure this field has no more than 256 characters.'] },
    ],
    [400, 'post', 'accounts/', { name: 'new', cloud_type: 'aws' }, { account_arn: 'This field is required.' }],
    [400, 'post', 'accounts/', { name: ' greatest account ever ', cloud_type: 'aws' }, NAME_TAKEN],
    [
      400,
      'post',
      'accounts/',
      { name: 'new', cloud_type: 'aws', account_arn: `arn:aws-us-gov:iam::${AWS}:role/other` },
      TAKEN,
    ],
    [
      400,
      'post',
      'accounts/',
      { name: 'greatest account ever', cloud_type: 'aws', account_arn: ARN },
      TAKEN,
      'another-user',
    ],
    [400, 'post', 'accounts/', [], { non_field_errors: ['Invalid data. Expected a dictionary, but got list.'] }],
    [400, 'put', 'accounts/2/', {}, { name: REQUIRED, cloud_type: REQUIRED }],
    [400, 'patch', 'accounts/2/', { account_arn: 'x' }, { account_arn: ['You cannot update account_arn.'] }],
    [400, 'patch', 'accounts/2/', { cloud_type: 'gcp' }, { cloud_type: ['"gcp" is not a valid choice.'] }],
    [404, 'get', 'accounts/1/', undefined, NOT_FOUND],
    [404, 'get', 'accounts/abc/', undefined, NOT_FOUND],
    [404, 'get', 'accounts/-1/', undefined, NOT_FOUND],
    [404, 'get', 'instances/99999999999999999999/', undefined, NOT_FOUND],
    [404, 'delete', 'accounts/1/', undefined, NOT_FOUND],
    [404, 'get', 'nope/', undefined, NOT_FOUND],
    [404, 'get', 'concurrent/1/', undefined, NOT_FOUND],
    [404, 'get', 'accounts/?format=xml', undefined, NOT_FOUND],
    [404, 'get', 'accounts/%ff/', undefined, NOT_FOUND],
    [404, 'get', 'accounts/2/?user_id=1', undefined, NOT_FOUND, SUPERUSER],
    [404, 'get', 'instances/4/?running_since=2019-07-18', undefined, NOT_FOUND],
    [404, 'patch', 'images/1/', { rhel_challenged: true }, NOT_FOUND],
    [405, 'delete', 'images/2/', undefined, { detail: 'Method "DELETE" not allowed.' }],
    [405, 'post', 'instances/', '{', { detail: 'Method "POST" not allowed.' }],
    [400, 'get', 'accounts/?user_id=zz', undefined, BAD_USER, SUPERUSER],
    [400, 'get', 'images/?user_id=1.5', undefined, BAD_USER, SUPERUSER],
    [400, 'get', 'instances/?user_id=', undefined, BAD_USER],
    [400, 'get', 'instances/?running_since=2019-13-45', undefined, { running_since: ['Enter a valid date/time.'] }],
    [
      400,
      'patch',
      'images/2/',
      { rhel_challenged: null, openshift_challenged: 'Yes' },
      { rhel_challenged: ['This field may not be null.'], openshift_challenged: ['Must be a valid boolean.'] },
    ],
    [400, 'patch', 'images/2/', { cloud_type: 'gcp' }, { cloud_type: ['"gcp" is not a valid choice.'] }],
    [
      400,
      'get',
      'concurrent/?start_date=zz&end_date=2019-02-29&cloud_account_id=q&user_id=p',
      undefined,
      {
        start_date: DATE('start_date'),
        end_date: DATE('end_date'),
        cloud_account_id: ['cloud_account_id must be an integer.'],
      },
    ],
    [
      400,
      'get',
      'concurrent/?start_date=zz&cloud_account_id=q&user_id=p',
      undefined,
      { start_date: DATE('start_date'), cloud_account_id: ['cloud_account_id must be an integer.'], ...BAD_USER },
      SUPERUSER,
    ],
  ])('%i: %s %s with %j', async (status, method, path, body, wanted, number = CUSTOMER) => {
    const call = service.call(method, path, number);
    const res = await (body === undefined ? call : call.set('Content-Type', 'application/json').send(body as object));
    expect([res.status, res.body]).toEqual([status, wanted]);
    if (path !== 'nope/' && path !== 'concurrent/1/' && path !== 'accounts/%ff/')
      expect(res.headers.allow).toBeDefined();
  });
  it('400: text that is no JSON', async () => {
    const res = await service.call('post', 'accounts/').set('Content-Type', 'application/json').send('{"name": nope}');
    expect(res.status).toBe(400);
    expect(res.body.detail).toMatch(/^JSON parse error - ./);
  });
  it('403: reinspection by others, an empty body whatever the image', async () => {
    for (const id of [2, 1, 999])
      expect((await service.call('post', `images/${id}/reinspect/`).expect(403)).text).toBe('');
  });
  it('406, 415 and their order', async () => {
    await request(service.app)
      .get('/v2/accounts/')
      .set('Accept', 'application/xml')
      .expect(406, { detail: 'Could not satisfy the request Accept header.' });
    await service
      .call('post', 'accounts/')
      .set('Content-Type', 'text/plain')
      .send('x')
      .expect(415, { detail: 'Unsupported media type "text/plain" in request.' });
    await request(service.app).post('/v2/instances/').set('Content-Type', 'text/plain').send('x').expect(403);
  });
  it('413: a body without end', async () => {
    await service
      .call('patch', 'accounts/2/')
      .send({ name: 'x'.repeat(300_000) })
      .expect(413, { detail: 'Request body exceeds 262144 bytes.' });
  });
  it('400: a name taken on update, by the owner whoever asks', async () => {
    await sql(
      service.db,
      "with w as (insert into aws_cloud_account (aws_account_id, account_arn) values ('000000000001', 'arn:aws:iam::000000000001:role/r') returning id) insert into cloud_account (user_id, name, aws_cloud_account_id) select 2, 'other', id from w",
    );
    const [{ account_id: id, content_object: content }] = (await service.call('get', 'accounts/')).body.data;
    expect(content.aws_account_id).toBe('000000000001');
    for (const number of [CUSTOMER, SUPERUSER])
      await service
        .call('patch', `accounts/${id}/`, number)
        .send({ name: 'greatest account ever' })
        .expect(400, NAME_TAKEN);
    await service.call('patch', `accounts/${id}/`).send({ name: 'other' }).expect(200);
    await service.call('delete', `accounts/${id}/`).expect(204, '');
  });
  it('301: a path without its slash, under its own prefix and with its query', async () => {
    for (const [path, to] of [
      ['/v2/accounts?limit=3', '/v2/accounts/?limit=3'],
      ['/api/v2/instances/2', '/api/v2/instances/2/'],
      ['/api/cloudigrade/v2', '/api/cloudigrade/v2/'],
    ])
      expect(
        (
          await request(service.app)
            .post(path as string)
            .expect(301)
        ).headers.location,
      ).toBe(to);
  });
  it('200: ten first requests of an account number at once make one user', async () => {
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => request(service.app).get('/v2/accounts/').set(rh('first-sight'))),
    );
    expect(answers.map((r) => r.status)).toEqual(Array(10).fill(200));
    expect(await sql(service.db, "select 1 from app_user where account_number = 'first-sight'")).toHaveLength(1);
  });
  it('200: OPTIONS tells the fields to whoever may write them, and to nobody else', async () => {
    expect(Object.keys((await service.call('options', 'accounts/2/').expect(200)).body.actions)).toEqual(['PUT']);
    expect((await service.call('options', 'accounts/2/', 'a-stranger').expect(200)).body.actions).toBeUndefined();
    expect((await service.call('options', 'instances/').expect(200)).body).toMatchObject({ name: 'Instance List' });
  });
  it('200: HEAD has the headers of GET and no body', async () => {
    const [got, head] = [await service.call('get', 'instances/'), await service.call('head', 'instances/')];
    expect([head.headers['content-length'], head.headers.allow, head.text ?? '']).toEqual([
      got.headers['content-length'],
      got.headers.allow,
      '',
    ]);
  });
  it('200: a form that replaces an image unticks what it leaves out; a JSON body does not', async () => {
    const flags = async (type: string, method: 'put' | 'patch', body: object) => {
      const { body: m } = await service.call(method, 'images/2/').type(type).send(body).expect(200);
      return [m.rhel_challenged, m.openshift_challenged];
    };
    expect(await flags('json', 'put', { rhel_challenged: true })).toEqual([true, true]);
    expect(await flags('form', 'patch', { rhel_challenged: 'True' })).toEqual([true, true]);
    expect(await flags('form', 'put', { rhel_challenged: 'True' })).toEqual([true, false]);
  });
});
