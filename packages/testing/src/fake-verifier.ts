import type { Principal } from '@nefos/contracts';

/** A verifier that knows the given tokens: where a test does not need identity. */
export const fakeVerifier = (known: ReadonlyMap<string, Principal>) => ({
  verify: (token: string): Promise<Principal | null> => Promise.resolve(known.get(token) ?? null),
  reachable: (): Promise<boolean> => Promise.resolve(true),
  stop: (): void => undefined,
});
