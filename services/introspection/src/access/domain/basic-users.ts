import { createHmac, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Fault } from '@nefos/service-kit';
import bcrypt from 'bcryptjs';
import { LRUCache } from 'lru-cache';

const LINE = /^([^:\s]{1,255}):(\$2[aby]\$\d\d\$[./A-Za-z0-9]{53})$/;
/** bcrypt reads no more of a password than this, in bytes: a longer one would be let in by its beginning. */
const LONGEST = 72;
/** Checks that run at once. Each costs a tenth of a second of a core or more. */
const AT_ONCE = 2;
const WAITING = 20;
/** A hash that no password has, so that an unknown name takes as long as a known one. */
const NOBODY = '$2b$10$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234';

/**
 * Names and hashes of a file as htpasswd writes it; hashes other than bcrypt's are passed over (contract introspection
 * §1.4). Empty lines and comments are allowed.
 * @throws Error for a line that is none of it: by its number, never by its text
 */
export const parseHtpasswd = (text: string): Map<string, string> => {
  const users = new Map<string, string>();
  for (const [at, line] of text.split(/\r?\n/).entries()) {
    const trimmed = line.trim();
    if (trimmed === '' || trimmed.startsWith('#')) continue;
    const [, name, hash] = LINE.exec(trimmed) ?? [];
    if (name === undefined || hash === undefined)
      throw new Error(`line ${at + 1} is not "name:bcrypt hash"; make one by \`htpasswd -nB name\``);
    users.set(name, hash);
  }
  return users;
};

export interface BasicUsers {
  /** Whether the password is the user's. @throws Fault too_many when many are checked already */
  check(name: string, password: string): Promise<boolean>;
}
/**
 * The users of a file, which is read anew for each check that is not remembered: a changed file counts at once for
 * who is new, and within half a minute for who is gone.
 */
export const createBasicUsers = (file: string): BasicUsers => {
  const key = randomBytes(32);
  const good = new LRUCache<string, true>({ max: 1000, ttl: 30_000 });
  let running = 0;
  const queue: (() => void)[] = [];
  const turn = async (): Promise<void> => {
    if (running < AT_ONCE) {
      running += 1;
      return;
    }
    if (queue.length >= WAITING) throw new Fault('too_many', 'basic.busy', { retryAfter: 1 });
    await new Promise<void>((go) => queue.push(go)); // its turn is handed over
  };
  const done = (): void => {
    const next = queue.shift();
    if (next) next();
    else running -= 1;
  };
  return {
    check: async (name, password) => {
      if (Buffer.byteLength(password) > LONGEST) return false;
      const digest = createHmac('sha256', key)
        .update(JSON.stringify([name, password]))
        .digest('base64');
      if (good.has(digest)) return true;
      await turn();
      try {
        const hash = parseHtpasswd(await readFile(file, 'utf8')).get(name);
        const same = await bcrypt.compare(password, hash ?? NOBODY);
        if (!same || hash === undefined) return false;
        good.set(digest, true);
        return true;
      } finally {
        done();
      }
    },
  };
};
