import type { Db } from './database-types.js';
import type { Log } from './log.js';
import type { Metrics } from './metrics.js';
import { makeReceiver, type Delivery } from './outbox-receiver.js';
import { nextByChance, noteFailure, oldestRows, type OutboxRow } from './outbox-rows.js';
import { isAboutEvent, makeSuspects } from './outbox-suspects.js';

/** Single events that may fail one after the other before a pause. */
const MAX_FAILURES_IN_A_ROW = 10;

export interface DeliveryOptions {
  db: Db;
  deliver: (events: readonly object[]) => Promise<Delivery[]>;
  log: Log;
  metrics: Metrics | undefined;
  batch?: number | undefined;
  pauseMs: number;
  maxSuspects: number | undefined;
  /** Whether suspects may be delivered now. */
  mayDeliver: () => boolean;
  /** Something that was held back can be delivered. */
  onFreed: () => void;
}
export interface OutboxDelivery {
  /**
   * Delivers what is there, while `mayContinue`.
   * @returns how many events were accepted
   * @throws why there has to be a pause
   */
  flush(mayContinue: () => boolean): Promise<number>;
  /** The receiver works: whatever was there is delivered. */
  succeeded(): void;
  /** Deliveries failed. @returns milliseconds to pause: longer with each failure without a success between them */
  failed(err: Error): number;
  stop(): Promise<void>;
}

/**
 * Delivers the outbox in batches, oldest events first. A batch that fails is made smaller until the failing event is
 * alone. Its aggregate is then retried by `makeSuspects`, and all others go on. The event is set aside after some
 * tries, if others are answered meanwhile; a receiver that answers nothing is down, and nothing is set aside. Before
 * each pause an event of another aggregate is tried, so that failing events, however many, do not block those behind
 * them.
 */
export const makeDelivery = ({
  db,
  deliver,
  log,
  metrics,
  batch = 500,
  pauseMs,
  maxSuspects,
  mayDeliver,
  onFreed,
}: DeliveryOptions): OutboxDelivery => {
  const failures = metrics?.counter('nefos_outbox_failures_total', 'Deliveries that failed and are repeated');
  const receiver = makeReceiver(db, deliver, log, metrics);
  let size = batch;
  /** Events still to be delivered one by one before batches grow again. */
  let oneByOne = 0;
  let pause = 0;
  /** Since when deliveries fail; 0 while they succeed. */
  let failingSince = 0;
  /** Events that failed alone since the last success and the last pause. */
  let inARow = 0;
  let lastAlone: Error | undefined;
  // Used when too many aggregates fail to remember them all. Aggregates whose next event has an id up to `skippedUpTo`
  // are skipped until all others are delivered. `highestSkipped` is the highest id of such a failing event.
  let skippedUpTo = '0';
  let highestSkipped = '0';

  const store = async (answers: readonly Delivery[]): Promise<number> => {
    const accepted = await receiver.store(answers);
    suspects.answered(answers.length);
    return accepted;
  };
  const noFailureAlone = (): void => {
    lastAlone = undefined;
    inARow = 0;
  };
  const suspects = makeSuspects({
    db,
    log,
    metrics,
    pauseMs,
    deliver: async (row) => {
      const answers = await receiver.send([row]);
      if (answers instanceof Error) return answers;
      await store(answers);
      // The receiver works, even if other events fail.
      noFailureAlone();
      return undefined;
    },
    mayDeliver,
    failing: () => failingSince > 0,
    max: maxSuspects,
    onFreed,
  });
  const succeeded = (): void => {
    if (failingSince)
      log.info({ seconds: Math.round((Date.now() - failingSince) / 1000) }, 'events are delivered again');
    failingSince = 0;
    pause = 0;
    noFailureAlone();
  };
  /** The event failed alone. @returns whether its aggregate is remembered, and skipped from now on */
  const suspect = (row: OutboxRow, err: Error): boolean => {
    lastAlone = err;
    if (suspects.full()) return false;
    suspects.add(row, err);
    return true;
  };
  /** Delivers one waiting event, chosen by chance. @returns whether the receiver answered for it */
  const probe = async (): Promise<boolean> => {
    const row = await nextByChance(db, suspects.aggregates());
    if (!row) return false;
    const answers = await receiver.send([row]);
    if (answers instanceof Error) {
      failures?.inc();
      await noteFailure(db, [row], answers);
      suspect(row, answers);
      return false;
    }
    await store(answers);
    succeeded();
    return true;
  };
  /** Decides after a failed delivery: returns when the next one follows at once, throws to pause. */
  const afterFailure = async (rows: readonly OutboxRow[], err: Error): Promise<void> => {
    failures?.inc();
    const blamed = isAboutEvent(err);
    size = Math.ceil(rows.length / 2);
    if (!blamed) {
      // Each failure may be a time-out: halving would cost many of them, one by one only one more.
      size = 1;
      oneByOne = Math.max(oneByOne, rows.length);
    }
    await noteFailure(db, rows, err);
    const [only] = rows;
    if (rows.length > 1 || !only) {
      if (blamed) return;
      throw err;
    }
    if (!suspect(only, err) && BigInt(only.id) > BigInt(highestSkipped)) highestSkipped = only.id;
    if (suspects.full()) skippedUpTo = highestSkipped;
    inARow += 1;
    if (inARow < (blamed ? MAX_FAILURES_IN_A_ROW : 2)) return;
    inARow = 0;
    if (!(await probe())) throw err;
  };
  /**
   * No event is left but those that are held back.
   * @returns whether skipped ones are to be read now @throws the last failure of an event alone
   */
  const nothingLeft = async (): Promise<boolean> => {
    const err = lastAlone;
    noFailureAlone();
    // No other event is left that could show that the receiver works.
    if (err) suspects.release();
    const skipped = skippedUpTo !== '0';
    if (!skipped) highestSkipped = '0';
    if (!suspects.full()) skippedUpTo = '0';
    if (err) throw err;
    return skipped && (skippedUpTo === '0' || (await probe()));
  };
  return {
    succeeded,
    failed: (err) => {
      if (!failingSince)
        log.warn({ reason: err.message }, 'events can not be delivered now; they are kept and tried again');
      failingSince ||= Date.now();
      pause = Math.min(10 * pauseMs, pause ? pause * 2 : pauseMs / 2);
      return pause;
    },
    flush: async (mayContinue) => {
      let accepted = 0;
      while (mayContinue()) {
        const rows = await oldestRows(db, size, suspects.aggregates(), skippedUpTo);
        if (!rows.length) {
          if (await nothingLeft()) continue;
          return accepted;
        }
        const answers = await receiver.send(rows);
        if (answers instanceof Error) {
          await afterFailure(rows, answers);
          continue;
        }
        accepted += await store(answers);
        succeeded();
        oneByOne = Math.max(0, oneByOne - rows.length);
        size = oneByOne ? 1 : Math.min(batch, size * 2);
      }
      return accepted;
    },
    stop: () => suspects.stop(),
  };
};
