import { sql } from '@nefos/service-kit';
import { CUSTOMER, SUPERUSER, useService } from '../support.js';
import { EXCHANGES, THIRD_ACCOUNT } from './exchanges.js';

const UUID4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
/** Floats as the original writes them. */
const compact = (value: unknown): string => JSON.stringify(value).replace(/"memory":(\d+)(?=[,}])/g, '"memory":$1.0');
/** What the server chose: the moment of the last save. */
const MOVED = /"updated_at":"[^"]*",(?="(?:user_id|cloud_type)":)/;

describe('the exchanges of cloudigrade-rest-examples.rst, in their order', () => {
  const service = useService();
  beforeAll(async () => {
    for (const statement of THIRD_ACCOUNT) await sql(service.db, statement);
  });

  it.each(EXCHANGES)(
    '$title: $status, $length bytes',
    async ({ method, path, as, body, status, allow, length, answer, saves }) => {
      const asked = service.call(method, path, as === 'superuser' ? SUPERUSER : CUSTOMER);
      const res = await (body ? asked.send(body) : asked);
      expect(res.status).toBe(status);
      expect(res.headers).toMatchObject({
        allow,
        vary: 'Accept',
        'content-type': 'application/json',
        'x-frame-options': 'SAMEORIGIN',
      });
      expect(res.headers['x-cloudigrade-request-id']).toMatch(UUID4);
      const wanted = compact(answer);
      expect(wanted.length).toBe(length); // the document quoted here is the original's
      if (saves) {
        expect(res.body).toEqual({ ...answer, updated_at: res.body.updated_at });
        expect(res.text.replace(MOVED, '')).toBe(wanted.replace(MOVED, ''));
        expect(Number(res.headers['content-length']) - res.body.updated_at.length).toBe(
          length - '2019-07-18T19:17:08.801482Z'.length,
        );
      } else {
        expect(res.text).toBe(wanted);
        expect(res.headers['content-length']).toBe(String(length));
      }
    },
  );
  it('501: what AWS would have to confirm is judged, then put off', async () => {
    const res = await service
      .call('post', 'accounts/')
      .send({
        account_arn: 'arn:aws:iam::413590449779:role/role-for-cloudigrade',
        name: 'one more',
        cloud_type: 'aws',
      });
    expect([res.status, res.body]).toEqual([501, { detail: expect.stringMatching(/^AWS is not configured: /) }]);
  });
});
