import { Fault, type Tx } from '@nefos/service-kit';
import { linkUser } from '../src/store/clients.js';
import { claimKey } from '../src/store/idempotency.js';
import { insertSession } from '../src/store/sessions.js';
import { insertToken } from '../src/store/tokens.js';
import { useService } from './support.js';

/** Who passed the check of the token and was deleted before the write. */
const GONE = 2_000_000_000;
const now = new Date();
const hash = Buffer.alloc(32, 1);

describe('a user who is deleted while a request of his is under way', () => {
  const service = useService();
  it.each<[string, (tx: Tx) => Promise<unknown>, string]>([
    ['an Idempotency-Key', (tx) => claimKey(tx, { userId: GONE, key: 'k', fingerprint: hash }, now, now), 'unauthenticated: user_inactive'],
    ['a session', (tx) => insertSession(tx, { hash, userId: GONE, csrf: 'c', auditId: 'a', now, expiresAt: now }), 'unauthenticated: user_inactive'],
    ['a client of his own', (tx) => linkUser(tx, service.ownClient, GONE, true), 'unauthenticated: user_inactive'],
    [
      'a token',
      (tx) => insertToken(tx, { userId: GONE, name: 't', readOnly: false, told: true, auditId: 'a', createdAt: now.toISOString(), expiresAt: null }),
      'not_found: user.not_found',
    ],
  ])('refused, not a server error: %s', async (_what, write, refusal) => {
    const err = await service.db.transaction(write).catch((one: unknown) => one);
    expect(err).toBeInstanceOf(Fault);
    expect((err as Fault).message).toBe(refusal);
  });
});
