import type { TokenRecord } from './tokens.js';

/** Two, so that the database works on one batch while this process handles the other. */
const QUERIES_AT_ONCE = 2;
/** How long running queries may keep the next batch waiting, in milliseconds. */
const LONGEST_WAIT_MS = 50;

interface Question {
  answer: Promise<TokenRecord | undefined>;
  resolve: (found: TokenRecord | undefined) => void;
  reject: (err: unknown) => void;
}
const newQuestion = (): Question => {
  let resolve!: Question['resolve'];
  let reject!: Question['reject'];
  const answer = new Promise<TokenRecord | undefined>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { answer, resolve, reject };
};

/**
 * Looks tokens up in batches: what is asked for in one turn of the event loop goes into one query, and while queries
 * run the next batch grows. Under load few large queries cost much less than many small ones.
 * @param read finds tokens by their keys
 * @returns finds one token by its key
 */
export const makeBatches = (
  read: (keys: readonly string[]) => Promise<readonly TokenRecord[]>,
): ((key: string) => Promise<TokenRecord | undefined>) => {
  let batch: Map<string, Question> | undefined;
  let running = 0;
  let timer: NodeJS.Timeout | undefined;

  const launch = (): void => {
    clearTimeout(timer);
    timer = undefined;
    const asked = batch;
    if (!asked) return;
    batch = undefined;
    running += 1;
    read([...asked.keys()])
      .then(
        (tokens) => {
          const byKey = new Map(tokens.map((token) => [token.key, token]));
          for (const [key, question] of asked) question.resolve(byKey.get(key));
        },
        (err: unknown) => {
          for (const question of asked.values()) question.reject(err);
        },
      )
      .finally(() => {
        running -= 1;
        if (running < QUERIES_AT_ONCE && batch) launch();
      });
  };
  const launchOrWait = (): void => {
    if (!batch) return;
    if (running >= QUERIES_AT_ONCE) timer ??= setTimeout(launch, LONGEST_WAIT_MS);
    else launch();
  };
  return (key) => {
    if (!batch) {
      batch = new Map();
      setImmediate(launchOrWait);
    }
    let question = batch.get(key);
    if (!question) batch.set(key, (question = newQuestion()));
    return question.answer;
  };
};
