export interface Circuit {
  isOpen(): boolean;
  /** Whether the caller may try the unavailable peer now: true for one caller per `probeMs`. */
  takeProbe(): boolean;
  succeeded(): void;
  failed(): void;
  /** Whole seconds until the next try, at least 1. */
  retryAfter(): number;
}

/** Remembers that a peer does not answer, so that not every caller has to wait for its time-out. */
export const createCircuit = ({
  failures = 3,
  probeMs = 1000,
  now,
  onChange,
}: {
  failures?: number | undefined;
  probeMs?: number | undefined;
  now: () => number;
  onChange: (state: 'open' | 'closed') => void;
}): Circuit => {
  let consecutiveFailures = 0;
  let nextProbe = 0;
  const isOpen = (): boolean => consecutiveFailures >= failures;
  return {
    isOpen,
    takeProbe: () => {
      const at = now();
      if (at < nextProbe) return false;
      nextProbe = at + probeMs;
      return true;
    },
    succeeded: () => {
      const was = isOpen();
      consecutiveFailures = 0;
      if (was) onChange('closed');
    },
    failed: () => {
      consecutiveFailures += 1;
      if (consecutiveFailures === failures) {
        nextProbe = now() + probeMs;
        onChange('open');
      }
    },
    retryAfter: () => Math.max(1, Math.ceil((nextProbe - now()) / 1000)),
  };
};
