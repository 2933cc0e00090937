import { deadAmong, deadJobs, failedEvents, retryEvents, retryJobs } from '@nefos/service-kit';
import { inEach, type Source } from './sources.js';

/** Those with jobs. Compute alone has events for others. */
export const SERVICES = ['compute', 'identity', 'introspection'];
/** What can be kept: who has it, how it is listed (the oldest first), how it is tried again, what its ids look like. */
export interface Kind {
  /** One of them. */
  one: string;
  services: string[];
  list: (sources: readonly Source[], limit: number) => Promise<object[]>;
  retry: (sources: readonly Source[], ids: string[] | 'all') => Promise<number>;
  id: RegExp;
}
const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);
export const jobs: Kind = {
  one: 'a job',
  services: SERVICES,
  // By time, not by service: the list of one must not push out that of the other.
  list: async (sources, limit) =>
    (await inEach(sources, async (db, service) => (await deadJobs(db, limit)).map((one) => ({ service, ...one }))))
      .flat()
      .sort((a, b) => (a.since < b.since ? -1 : Number(a.since > b.since))),
  retry: async (sources, ids) => {
    // Each service counts its own jobs, so two may have one of the same number: nothing is guessed.
    const found = ids === 'all' ? [] : await inEach(sources, (db) => deadAmong(db, ids));
    const twice = ids === 'all' ? undefined : ids.find((id) => found.filter((dead) => dead.includes(id)).length > 1);
    if (twice !== undefined)
      throw new Error(`job ${twice} is in ${sources.map((s) => s.service).join(' and in ')}: say which by --service`);
    return sum(await inEach(sources, (db) => retryJobs(db, ids)));
  },
  id: /^[1-9]\d{0,17}$/,
};
export const outbox: Kind = {
  one: 'an event',
  services: ['compute'],
  list: async (sources, limit) => (await inEach(sources, (db) => failedEvents(db, limit))).flat(),
  retry: async (sources, ids) => sum(await inEach(sources, (db) => retryEvents(db, ids))),
  id: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
};
