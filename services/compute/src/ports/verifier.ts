import type { Principal } from '@nefos/contracts';

/** Whose a token is, by identity's word. */
export interface Verifier {
  /** null: nobody's. @throws Fault unavailable when identity does not answer and the token is not known */
  verify(token: string): Promise<Principal | null>;
  /** Drops what is remembered about a token. */
  forget(token: string): void;
  stop?(): Promise<void> | void;
}

/** Knows the tokens it is given. */
export const fakeVerifier = (known: Map<string, Principal>): Verifier => ({ verify: async (token) => known.get(token) ?? null, forget: () => undefined });
