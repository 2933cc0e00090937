import { createTokenVerifier, type TokenVerifier } from '@nefos/auth';
import { createIdentityClient } from '@nefos/client';
import type { Principal } from '@nefos/contracts';
import type { Log, Metrics } from '@nefos/service-kit';

/** Checks platform tokens at identity. */
export type Verifier = Pick<TokenVerifier, 'verify'> & {
  /** Whether identity answers. */
  reachable(): Promise<boolean>;
  stop(): void;
};

/** The real verifier: it asks the identity service with the token of this component. */
export const identityVerifier = ({
  url,
  token,
  log,
  metrics,
}: {
  url: string;
  token: string;
  log: Log;
  metrics: Metrics;
}): Verifier => {
  const identity = createIdentityClient({ baseURL: url, serviceToken: token });
  const { verify } = createTokenVerifier({
    validate: identity.validateToken,
    registry: metrics.registry,
    onEvent: (event) => {
      if (event.type === 'grace') log.warn(event, 'identity is slow or down: an old answer lets a token through');
      else if (event.type === 'circuit') log.warn(event, 'identity');
    },
  });
  const reachable = async (): Promise<boolean> =>
    (await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(2000) })).ok;
  return { verify, reachable, stop: identity.close };
};

/** For tests: it knows the given tokens. */
export const fakeVerifier = (known: ReadonlyMap<string, Principal>): Verifier => ({
  verify: async (token) => known.get(token) ?? null,
  reachable: async () => true,
  stop: () => undefined,
});
