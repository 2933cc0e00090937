import { availableParallelism } from 'node:os';
import argon2 from 'argon2';
import { createGate } from './gate.js';
import type { Passwords } from './passwords.js';

/** argon2id as recommended by OWASP: 19 MiB, two passes. */
const OPTIONS = { type: argon2.argon2id, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;
/**
 * How many are worked on at once: a core stays for the event loop, and of libuv's four threads one for what else needs them (look-ups of
 * names, files). More at once would not end sooner, and everybody who validates a token would wait for them.
 */
const AT_ONCE = Math.max(1, Math.min(3, availableParallelism() - 1));
const WAITING = 256;
/** Each check costs 19 MiB and tens of milliseconds, so only a few run at once and only some wait: a flood gets 503, not the machine. */
export const makePasswords = async (): Promise<Passwords> => {
  const bounded = createGate({ atOnce: AT_ONCE, waiting: WAITING });
  const hash = (password: string): Promise<string> => bounded(() => argon2.hash(password, OPTIONS));
  const nobody = await hash('nobody has this password');
  return {
    hash,
    verify: async (stored, password) => {
      const right = (await bounded(() => argon2.verify(stored ?? nobody, password))) && typeof stored === 'string';
      return right && argon2.needsRehash(stored, OPTIONS) ? { right, rehash: await hash(password) } : { right };
    },
  };
};
