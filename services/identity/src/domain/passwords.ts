import argon2 from 'argon2';
import { unavailable } from '@nefos/service-kit';

/** argon2id as recommended by OWASP: 19 MiB, two passes. */
const OPTIONS = { type: argon2.argon2id, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;
const AT_ONCE = 4;
const WAITING = 64;
export interface Passwords {
  hash(password: string): Promise<string>;
  /** `rehash`: a new hash to store, when the stored one was made with weaker settings. A missing hash costs the same time and is wrong. */
  verify(stored: string | null | undefined, password: string): Promise<{ right: boolean; rehash?: string }>;
}
/** Each check costs 19 MiB and tens of milliseconds, so only a few run at once and only some wait: a flood gets 503, not the machine. */
export const makePasswords = async (): Promise<Passwords> => {
  let running = 0;
  const queue: (() => void)[] = [];
  const bounded = async <T>(work: () => Promise<T>): Promise<T> => {
    if (running >= AT_ONCE) {
      if (queue.length >= WAITING) throw unavailable('busy');
      await new Promise<void>((go) => {
        queue.push(go);
      });
    } else running += 1;
    try {
      return await work();
    } finally {
      const next = queue.shift();
      if (next) next();
      else running -= 1;
    }
  };
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
