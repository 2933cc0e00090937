interface Flight<T> {
  answer: Promise<T>;
  /** When it was sent, in milliseconds since 1970. */
  since: number;
}
/** At most one open request per key: callers that ask for the same key meanwhile get the same answer. */
export interface SingleFlight<T> {
  /** Joins the open request of the key, or sends one. Rejects when too many are open. */
  run: (key: string, send: () => Promise<T>) => Promise<T>;
  /** Since when a request of the key is open. */
  since: (key: string) => number | undefined;
  /** Nobody joins the open request of the key any more. */
  forget: (key: string) => void;
  forgetAll: () => void;
  size: () => number;
}
export const createSingleFlight = <T>({
  most,
  now,
  onJoin,
  onSend,
}: {
  most: number;
  now: () => number;
  onJoin: () => void;
  onSend: () => void;
}): SingleFlight<T> => {
  const flights = new Map<string, Flight<T>>();
  return {
    run: (key, send) => {
      const open = flights.get(key);
      if (open) {
        onJoin();
        return open.answer;
      }
      if (flights.size >= most) return Promise.reject(new Error(`${most} questions are open`));
      onSend();
      const answer = send().finally(() => {
        if (flights.get(key)?.answer === answer) flights.delete(key);
      });
      flights.set(key, { answer, since: now() });
      return answer;
    },
    since: (key) => flights.get(key)?.since,
    forget: (key) => void flights.delete(key),
    forgetAll: () => flights.clear(),
    size: () => flights.size,
  };
};
