import type { Principal } from '@nefos/contracts';
import { Registry } from 'prom-client';
import { createTokenVerifier, VerifierUnavailable, type VerifierEvent, type VerifierOptions } from '../src/index.js';

const T0 = Date.parse('2026-01-01T00:00:00Z');
const alice = (more: Partial<Principal> = {}): Principal => ({
  kind: 'user',
  uuid: 'alice',
  displayName: 'Alice',
  roles: ['default'],
  auditId: 'audit-alice',
  via: 'x-auth-token',
  ...more,
});
type Answer = Principal | null | Error | Promise<Principal | null>;

/** A verifier over a scripted identity and a clock that only moves when told. */
const rig = (options: Partial<VerifierOptions> = {}) => {
  let at = T0;
  let answer: (token: string) => Answer = () => alice();
  const asked: string[] = [];
  const events: VerifierEvent[] = [];
  const verifier = createTokenVerifier({
    validate: async (token) => {
      asked.push(token);
      const found = await answer(token);
      if (found instanceof Error) throw found;
      return found;
    },
    now: () => at,
    onEvent: (event) => events.push(event),
    ...options,
  });
  return {
    verifier,
    asked,
    events,
    says: (next: (token: string) => Answer) => {
      answer = next;
    },
    pass: (seconds: number) => {
      at += seconds * 1000;
    },
    verify: (token = 't') => verifier.verify(token),
  };
};
const down = (): Error => new Error('connect ECONNREFUSED');
const later = <T>() => {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((r) => {
    resolve = r;
  });
  return { promise, resolve };
};
const turn = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

describe('a good token', () => {
  it('is asked for once in four seconds, counted from the question, then again', async () => {
    const { verify, asked, pass } = rig();
    expect(await verify()).toMatchObject({ uuid: 'alice' });
    pass(3.999);
    await verify();
    expect(asked).toHaveLength(1);
    pass(0.001);
    await verify();
    expect(asked).toHaveLength(2);
  });
  it('counts the four seconds from when identity was asked, not from when it answered', async () => {
    const { verify, asked, pass, says } = rig();
    const slow = later<Principal | null>();
    says(() => slow.promise);
    const first = verify();
    pass(2);
    slow.resolve(alice());
    await first;
    pass(2);
    await verify();
    expect(asked).toHaveLength(2);
  });
  it('is asked for once by fifty callers at one moment', async () => {
    const { verify, asked, verifier } = rig();
    const all = await Promise.all(Array.from({ length: 50 }, () => verify()));
    expect(all.every((p) => p?.uuid === 'alice')).toBe(true);
    expect(asked).toHaveLength(1);
    expect(verifier.stats()).toMatchObject({ misses: 1, joined: 49, inFlight: 0, entries: 1 });
  });
  it('never passes after its expiry, though the cache and the grace would still hold it', async () => {
    const { verify, pass, says, asked } = rig();
    says(() => alice({ tokenExpires: '2026-01-01T00:00:02Z' }));
    await verify();
    says(down);
    pass(1.999);
    expect(await verify()).not.toBeNull();
    pass(0.001);
    expect(await verify()).toBeNull();
    expect(asked).toHaveLength(1);
  });
  it('does not pass when identity vouches for an expired one, or for an expiry that can not be read', async () => {
    const { verify, says } = rig();
    says(() => alice({ tokenExpires: '2025-12-31T23:59:59Z' }));
    expect(await verify('old')).toBeNull();
    says(() => alice({ tokenExpires: 'soon' }));
    expect(await verify('odd')).toBeNull();
  });
  it('can not be changed by one caller for the next', async () => {
    const { verify } = rig();
    const principal = await verify();
    expect(() => {
      (principal as { kind: string }).kind = 'staff';
    }).toThrow(TypeError);
  });
});

describe('a bad token', () => {
  it('is asked for at most once a second', async () => {
    const { verify, asked, pass, says } = rig();
    says(() => null);
    expect(await verify()).toBeNull();
    pass(0.999);
    expect(await verify()).toBeNull();
    expect(asked).toHaveLength(1);
    pass(0.001);
    says(() => alice());
    expect(await verify()).not.toBeNull();
  });
  it('does not push good ones out, however many are tried', async () => {
    const { verify, asked, says, pass } = rig({ maxEntries: 10 });
    await verify('good');
    says(() => null);
    for (let i = 0; i < 100; i += 1) await verify(`guess-${i}`);
    says(down);
    pass(10);
    expect(await verify('good')).not.toBeNull();
    expect(asked.filter((t) => t === 'good')).toHaveLength(2);
  });
});

describe('the cache', () => {
  it('is bounded', async () => {
    const { verify, verifier } = rig({ maxEntries: 3 });
    for (let i = 0; i < 10; i += 1) await verify(`t${i}`);
    expect(verifier.stats().entries).toBe(3);
  });
  it('refuses more open questions than allowed instead of piling them up', async () => {
    const { verify, says } = rig({ maxInFlight: 2 });
    const slow = later<Principal | null>();
    says(() => slow.promise);
    const open = [verify('a'), verify('b')];
    await expect(verify('c')).rejects.toThrow(VerifierUnavailable);
    slow.resolve(alice());
    await Promise.all(open);
  });
});

describe('identity down', () => {
  it('a token keeps working until 60 s after its last confirmation, then is unavailable, never refused', async () => {
    const { verify, says, pass, events } = rig();
    await verify();
    says(down);
    pass(59.999);
    expect(await verify()).toMatchObject({ uuid: 'alice' });
    expect(events).toContainEqual({ type: 'grace', uuid: 'alice', auditId: 'audit-alice', age: 59.999 });
    pass(0.001);
    await expect(verify()).rejects.toThrow(VerifierUnavailable);
  });
  it('using a token in grace does not lengthen its grace', async () => {
    const { verify, says, pass } = rig();
    await verify();
    says(down);
    for (let i = 0; i < 5; i += 1) {
      pass(11);
      expect(await verify()).not.toBeNull();
    }
    pass(6);
    await expect(verify()).rejects.toThrow(VerifierUnavailable);
  });
  it('the grace of a token is told once in ten seconds, and counted every time', async () => {
    const { verify, says, pass, events, verifier } = rig();
    await verify();
    says(down);
    pass(6);
    for (let i = 0; i < 20; i += 1) {
      await verify();
      pass(0.9);
    }
    expect(events.filter((e) => e.type === 'grace')).toHaveLength(2);
    expect(verifier.stats().usedStale).toBe(20);
  });
  it('an unknown token is unavailable with a time to come back', async () => {
    const { verify, says } = rig();
    says(down);
    await expect(verify()).rejects.toMatchObject({
      name: 'VerifierUnavailable',
      retryAfter: 1,
      cause: { message: 'connect ECONNREFUSED' },
    });
  });
  it('a token seen as bad a second ago is unavailable, not bad: nobody can say now', async () => {
    const { verify, says, pass } = rig();
    says(() => null);
    await verify();
    says(down);
    pass(1);
    await expect(verify()).rejects.toThrow(VerifierUnavailable);
  });
  it('after three failures identity is asked once a second, and by that probe found again', async () => {
    const { verify, says, pass, asked, events, verifier } = rig();
    await verify('known');
    pass(6);
    says(down);
    for (const t of ['a', 'b', 'c']) await expect(verify(t)).rejects.toThrow(VerifierUnavailable);
    expect(verifier.stats().circuit).toBe('open');
    const before = asked.length;
    for (let i = 0; i < 20; i += 1) {
      await expect(verify(`x${i}`)).rejects.toThrow(VerifierUnavailable);
      expect(await verify('known')).not.toBeNull();
    }
    expect(asked).toHaveLength(before);
    pass(1);
    says(() => alice());
    expect(await verify('known')).not.toBeNull(); // answered at once, from grace; the probe runs behind it
    await turn();
    expect(asked).toHaveLength(before + 1);
    expect(verifier.stats().circuit).toBe('closed');
    expect(events.filter((e) => e.type === 'circuit')).toEqual([
      { type: 'circuit', state: 'open' },
      { type: 'circuit', state: 'closed' },
    ]);
    expect(await verify('fresh')).not.toBeNull();
  });
  it('a dead identity costs a known token no waiting', async () => {
    const { verify, says, pass, verifier } = rig({ timeoutMs: 300, slowMs: 60_000 });
    await verify('known');
    says(down);
    pass(6);
    for (const t of ['a', 'b', 'c']) await verify(t).catch(() => undefined);
    says(() => new Promise(() => undefined)); // connects, then says nothing
    pass(1);
    const before = verifier.stats().usedStale;
    expect(await verify('known')).not.toBeNull();
    expect(verifier.stats().usedStale).toBe(before + 1);
  });
});

describe('identity slow', () => {
  it('a known token waits for a bounded time, then passes on its old answer', async () => {
    const { verify, says, pass, verifier } = rig({ slowMs: 20 });
    await verify();
    pass(6);
    const slow = later<Principal | null>();
    says(() => slow.promise);
    expect(await verify()).not.toBeNull();
    expect(verifier.stats()).toMatchObject({ usedStale: 1, inFlight: 1 });
    slow.resolve(null);
    await turn();
    expect(await verify()).toBeNull();
  });
  it('an unknown token is unavailable after the timeout, and the question is given up', async () => {
    const signals: AbortSignal[] = [];
    const { verify } = rig({
      timeoutMs: 20,
      validate: (_token, { signal }) => {
        signals.push(signal);
        return new Promise(() => undefined);
      },
    });
    await expect(verify()).rejects.toThrow(VerifierUnavailable);
    expect(signals.map((s) => s.aborted)).toEqual([true]);
  });
});

describe('revocation', () => {
  it('is seen within five seconds by a service that is asked all the time: four, and the answer', async () => {
    const { verify, says, pass } = rig();
    await verify();
    says(() => null); // right after the question: the longest that a revocation can wait
    let waited = 0;
    while (await verify()) {
      pass(0.1);
      waited += 0.1;
    }
    expect(waited).toBeGreaterThan(3.9);
    expect(waited).toBeLessThan(4.2);
  });
  it('is seen at the next question, and ends the grace', async () => {
    const { verify, says, pass } = rig();
    await verify();
    says(() => null);
    pass(5);
    expect(await verify()).toBeNull();
    says(down);
    pass(1);
    await expect(verify()).rejects.toThrow(VerifierUnavailable);
  });
  it.each([
    ['the token', (v: ReturnType<typeof rig>['verifier']) => v.forget('t')],
    [
      'its hash',
      (v: ReturnType<typeof rig>['verifier']) =>
        v.forgetHash('e3b98a4da31a127d4bde6e43033f66ba274cab0eb7eb1c70ec41402bf6273dd8'),
    ],
    ['its public name', (v: ReturnType<typeof rig>['verifier']) => v.forgetAuditId('audit-alice')],
    ['everything', (v: ReturnType<typeof rig>['verifier']) => v.forgetAll()],
  ])('told by %s, takes effect at once, in grace too', async (_by, forget) => {
    const { verify, verifier, says, asked } = rig();
    await verify();
    forget(verifier);
    says(down);
    await expect(verify()).rejects.toThrow(VerifierUnavailable);
    expect(asked).toHaveLength(2);
  });
  it('told while identity is being asked, keeps the answer out of the cache', async () => {
    const { verify, verifier, says } = rig();
    const slow = later<Principal | null>();
    says(() => slow.promise);
    const early = verify();
    verifier.forgetAuditId('audit-alice');
    slow.resolve(alice());
    await early;
    says(() => null);
    expect(await verify()).toBeNull();
  });
});

it('the numbers are in the registry', async () => {
  const registry = new Registry();
  const { verify, says, pass } = rig({ registry });
  await verify();
  await verify();
  says(down);
  pass(6);
  await verify();
  const text = await registry.metrics();
  expect(text).toContain('nefos_auth_verifications_total{outcome="hit"} 1');
  expect(text).toContain('nefos_auth_verifications_total{outcome="miss"} 2');
  expect(text).toContain('nefos_auth_verifications_total{outcome="grace"} 1');
  expect(text).toContain('nefos_auth_upstream_seconds_count{outcome="failed"} 1');
  expect(text).toContain('nefos_auth_cached_tokens 1');
});
