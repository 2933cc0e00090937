import { availableParallelism } from 'node:os';
import argon2 from 'argon2';
import { createGate } from './gate.js';
import type { Passwords } from './passwords.js';

/** argon2id with the parameters that OWASP recommends: 19 MiB, two passes. */
const OPTIONS = { type: argon2.argon2id, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;
/**
 * How many run at once: one core stays free for the event loop, and one of libuv's four threads for DNS and files. More
 * at once would not finish sooner, and would delay the validation of tokens.
 */
const MAX_RUNNING = Math.max(1, Math.min(3, availableParallelism() - 1));
const MAX_QUEUED = 256;
/**
 * A check costs 19 MiB and tens of milliseconds, so only a few run and some wait; more are refused with 503 and can not
 * exhaust the machine.
 */
export const makePasswords = async (): Promise<Passwords> => {
  const bounded = createGate({ maxRunning: MAX_RUNNING, maxQueued: MAX_QUEUED });
  const hash = (password: string): Promise<string> => bounded(() => argon2.hash(password, OPTIONS));
  // Compared with when there is no hash, so that this takes the same time.
  const unknown = await hash('nobody has this password');
  return {
    hash,
    verify: async (stored, password) => {
      const matches = (await bounded(() => argon2.verify(stored ?? unknown, password))) && typeof stored === 'string';
      return matches && argon2.needsRehash(stored, OPTIONS) ? { matches, newHash: await hash(password) } : { matches };
    },
  };
};
