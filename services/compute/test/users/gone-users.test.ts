import { Fault, sql, type Tx } from '@nefos/service-kit';
import { linkUser } from '../../src/clients/store/members.js';
import { claimKey } from '../../src/access/store/idempotency.js';
import { insertSession } from '../../src/users/store/sessions.js';
import { insertToken } from '../../src/users/store/tokens.js';
import { useService } from '../support.js';

/** Who passed the check of the token and was deleted before the write. */
const GONE = 2_000_000_000;
const now = new Date();
const hash = Buffer.alloc(32, 1);

describe('a user who is deleted while a request of his is under way', () => {
  const service = useService();
  it.each<[string, (tx: Tx) => Promise<unknown>, string]>([
    [
      'an Idempotency-Key',
      (tx) => claimKey(tx, { userId: GONE, key: 'k', fingerprint: hash }, now, now),
      'unauthenticated: user_inactive',
    ],
    [
      'a session',
      (tx) => insertSession(tx, { hash, userId: GONE, csrf: 'c', auditId: 'a', now, expiresAt: now }),
      'unauthenticated: user_inactive',
    ],
    ['a client of his own', (tx) => linkUser(tx, service.ownClient, GONE, true), 'unauthenticated: user_inactive'],
    [
      'a token',
      (tx) =>
        insertToken(tx, {
          userId: GONE,
          name: 't',
          readOnly: false,
          readOnlyAtIdentity: true,
          auditId: 'a',
          createdAt: now.toISOString(),
          expiresAt: null,
        }),
      'unauthenticated: user_inactive',
    ],
  ])('refused, not a server error: %s', async (_what, write, refusal) => {
    const err = await service.db.transaction(write).catch((one: unknown) => one);
    expect(err).toBeInstanceOf(Fault);
    expect((err as Fault).message).toBe(refusal);
  });
  describe('401 to himself, 404 to staff', () => {
    const gone = { detail: 'User inactive or deleted.' };
    /** Removed without a word, as by another process a moment ago. */
    const remove = (id: number) => sql(service.db, 'delete from portal_user where id = $1', [id]);

    it('while identity makes his token', async () => {
      const [own, other] = [await service.seedUser({ username: 'own' }), await service.seedUser({ username: 'other' })];
      const { issueToken } = service.identity;
      let victim = own.id;
      service.identity.issueToken = async (...wish) => {
        await remove(victim);
        return issueToken(...wish);
      };
      try {
        expect((await own.as.post('/api/tokens', { name: 'k' }).expect(401)).body).toEqual(gone);
        victim = other.id;
        await service.staff.post(`/staffapi/users/${other.id}/tokens`, { name: 'k' }).expect(404);
      } finally {
        service.identity.issueToken = issueToken;
      }
    });
    it('while he is still remembered', async () => {
      const own = await service.seedUser({ username: 'remembered', clients: [service.ownClient] });
      await own.as.get('/api/clients').expect(200);
      await remove(own.id);
      for (const path of ['/api/tokens', '/api/current-user'])
        expect((await own.as.get(path).expect(401)).body).toEqual(gone);
      expect((await own.as.delete('/api/tokens/1').expect(401)).body).toEqual(gone);
      await service.staff.get(`/staffapi/users/${own.id}/tokens`).expect(404);
    });
  });
});
