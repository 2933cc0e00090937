import { tooMany } from '../../access/domain/errors.js';

/** How many attempts on one key may wait or run. */
const MAX_QUEUED = 20;
const lines = new Map<string, { tail: Promise<unknown>; length: number }>();
/** Runs `work` after the earlier work with the same key. @throws too_many: the line of this key is full */
export const runSerially = async <T>(key: string, work: () => Promise<T>): Promise<T> => {
  const line = lines.get(key) ?? { tail: Promise.resolve(), length: 0 };
  if (line.length >= MAX_QUEUED) throw tooMany(1);
  lines.set(key, line);
  line.length += 1;
  const result = line.tail.then(work, work);
  line.tail = result.catch(() => undefined);
  try {
    return await result;
  } finally {
    line.length -= 1;
    if (!line.length) lines.delete(key);
  }
};
