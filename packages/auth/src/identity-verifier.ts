import { createIdentityClient } from '@nefos/client';
import type { Registry } from 'prom-client';
import { createTokenVerifier, type TokenVerifier } from './verifier.js';

/** Checks platform tokens at identity. */
export type IdentityVerifier = Pick<TokenVerifier, 'verify'> & {
  /** Whether identity answers. */
  reachable(): Promise<boolean>;
  stop(): void;
};
export interface IdentityVerifierOptions {
  /** Where identity answers, without a slash at the end. */
  url: string;
  /** Token of the component that asks. */
  token: string;
  log: { warn(facts: object, message: string): void };
  registry: Registry;
}

/** The verifier of a service: it asks identity with the token of the service's component. */
export const createIdentityVerifier = ({ url, token, log, registry }: IdentityVerifierOptions): IdentityVerifier => {
  const identity = createIdentityClient({ baseURL: url, serviceToken: token });
  const { verify } = createTokenVerifier({
    validate: identity.validateToken,
    registry,
    onEvent: (event) => {
      if (event.type === 'grace') log.warn(event, 'identity is slow or down: an old answer lets a token through');
      else if (event.type === 'circuit') log.warn(event, 'identity');
    },
  });
  const reachable = async (): Promise<boolean> =>
    (await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(2000) })).ok;
  return { verify, reachable, stop: identity.close };
};
