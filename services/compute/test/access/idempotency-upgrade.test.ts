import { createHash, createHmac } from 'node:crypto';
import { sql } from '@nefos/service-kit';
import { useService } from '../support.js';

describe('an Idempotency-Key that was used before an upgrade', () => {
  const service = useService();
  const body = { name: 'kept', description: '' };
  const ask = (more: Record<string, string> = {}) =>
    service.staff.post('/staffapi/clientgroups', body).set({ 'Idempotency-Key': 'before', ...more });
  /** How the first release told requests apart. */
  const former = createHmac('sha256', 'component-token-of-compute')
    .update('POST /staffapi/clientgroups\n')
    .update(createHash('sha256').update(JSON.stringify(body)).digest())
    .digest();

  it('201: the first answer, and no second effect; 422 with a client that was not named before', async () => {
    const first = await ask().expect(201);
    await sql(service.db, "update idempotency_key set fingerprint = $1 where key = 'before'", [former]);
    expect((await ask().expect(201)).body).toEqual(first.body);
    expect((await ask({ 'X-Client-Id': '' }).expect(201)).body).toEqual(first.body);
    await ask({ 'X-Client-Id': '1' }).expect(422);
  });
});
