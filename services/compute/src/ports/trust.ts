import { ApiError } from '@nefos/client';
import type { Log } from '@nefos/service-kit';

/** Watches whether a peer trusts this component: one log line when it does not, one when it does again. */
export interface Trust {
  /** @returns whether the error is that the peer does not trust this component. Then the operator has been told. */
  refused(err: unknown): boolean;
  /** To be called when the peer has done what was asked. */
  granted(): void;
}
const reasonOf = (body: unknown): unknown => {
  const { error } = (body ?? {}) as { error?: unknown };
  return typeof error === 'string' ? error : (error as { reason?: unknown } | undefined)?.reason;
};

export const createTrust = (peer: 'identity' | 'metering', right: 'users.manage' | 'events.send', log: Log): Trust => {
  let logged = false;
  return {
    refused: (err) => {
      if (!(err instanceof ApiError && err.status === 403 && reasonOf(err.body) === 'component.not_trusted'))
        return false;
      if (!logged)
        log.error(
          { reason: err.message },
          `${peer} does not trust this component with ${right}: npm run nefos -- component rights nefos-compute ` +
            '--right users.manage --right events.send',
        );
      logged = true;
      return true;
    },
    granted: () => {
      if (logged) log.info(`${peer} trusts this component with ${right} again`);
      logged = false;
    },
  };
};
