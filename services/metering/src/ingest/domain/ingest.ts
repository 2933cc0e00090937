import {
  meteringEvent,
  type AccountEvent,
  type EventResult,
  type InstanceEvent,
  type MeteringEvent,
} from '@nefos/contracts';
import type { Tx } from '@nefos/service-kit';
import type { MeteringRequest } from '../../ctx.js';
import { insertEvents } from '../../runs/store/instance-events.js';
import { admitAccounts, type NefosAccount } from './nefos-accounts.js';
import { admitInstances, noteNewest, type NefosInstance } from './nefos-instances.js';
import { applyAccountEvents } from './nefos-account-events.js';
import { recomputeRuns, type Point } from '../../runs/domain/recompute.js';

type Verdict = { event: MeteringEvent } | { refused: EventResult };
const EARLIEST = Date.UTC(1970, 0, 1);
const LATEST = Date.UTC(2250, 0, 1);

/** One event by itself: a bad one does not keep the others out. */
const judge = (raw: unknown): Verdict => {
  const found = meteringEvent.safeParse(raw);
  const id =
    typeof raw === 'object' && raw !== null && 'id' in raw && typeof raw.id === 'string' ? raw.id.slice(0, 64) : '';
  const refuse = (reason: string): Verdict => ({ refused: { id, status: 'refused', reason } });
  if (!found.success) {
    const [issue] = found.error.issues;
    return refuse(`not an event: ${issue?.path.join('.') || 'it'} is ${issue?.code ?? 'wrong'}`);
  }
  const at = Date.parse(found.data.occurred_at);
  return at >= EARLIEST && at < LATEST ? { event: found.data } : refuse('occurred_at is out of range');
};
const isInstanceEvent = (event: MeteringEvent): event is InstanceEvent => 'instance' in event;
const isAccountEvent = (event: MeteringEvent): event is AccountEvent => !('instance' in event);

/** What became of the events that were well-formed, by their place in the batch. */
type Fates = (Pick<EventResult, 'status' | 'reason'> | undefined)[];

/**
 * Events from our own cloud, each with its effect exactly once (contract metering §8). All of a batch is
 * one transaction: after a crash the sender tells it again, and what was told before is known by its id.
 * @returns one result per event, in their order
 */
export const takeEvents = async (ctx: MeteringRequest, raw: readonly unknown[]): Promise<EventResult[]> => {
  const verdicts = raw.map(judge);
  const events = verdicts.map((v) => ('event' in v ? v.event : undefined));
  const fates = events.some(Boolean) ? await ctx.db.transaction((tx) => apply(tx, events)) : [];
  const results = verdicts.map((v, i): EventResult =>
    'refused' in v ? v.refused : { id: v.event.id, ...(fates[i] ?? { status: 'accepted' }) },
  );
  for (const { status } of results) ctx.ingested.inc({ status });
  return results;
};

const apply = async (tx: Tx, events: readonly (MeteringEvent | undefined)[]): Promise<Fates> => {
  const fates: Fates = events.map(() => undefined);
  const { accounts, isLeftOver } = await admitAccounts(
    tx,
    events.filter((e) => e !== undefined),
  );
  // Left-overs of an account that was deleted here have no effect, however often they are told.
  const alive = events.map((event) => (event && !isLeftOver(event) ? event : undefined));
  await recomputeRuns(
    tx,
    await applyInstanceEvents(
      tx,
      alive.map((e) => (e && isInstanceEvent(e) ? e : undefined)),
      accounts,
      fates,
    ),
  );
  // After the runs are made: what ends with a deleted client is what runs by then.
  await recomputeRuns(
    tx,
    await applyAccountEvents(
      tx,
      alive.map((e) => (e && isAccountEvent(e) ? e : undefined)),
      accounts,
      fates,
    ),
  );
  return fates;
};

const TYPES = {
  'instance.power_on': 'power_on',
  'instance.power_off': 'power_off',
  'instance.deleted': 'power_off',
  'instance.attribute_change': 'attribute_change',
} as const;

/** Stores what is new. @returns from when on each instance's runs must be made anew */
const applyInstanceEvents = async (
  tx: Tx,
  events: readonly (InstanceEvent | undefined)[],
  accounts: ReadonlyMap<string, NefosAccount>,
  fates: Fates,
): Promise<Point[]> => {
  const instances = await admitInstances(
    tx,
    events.filter((e) => e !== undefined),
    accounts,
  );
  const homeOf = (event: InstanceEvent): NefosInstance | undefined => {
    const found = instances.get(event.instance.id.toLowerCase());
    return found?.accountId === accounts.get(event.account.number)?.accountId ? found : undefined;
  };
  const mine = events.map((event, i) => {
    if (!event) return undefined;
    const instance = homeOf(event);
    if (!instance) fates[i] = { status: 'refused', reason: 'the instance belongs to another account' };
    return instance && { event, instance };
  });
  const stored = mine.filter((m) => m !== undefined);
  const fresh = new Set(
    await insertEvents(
      tx,
      stored.map(({ event: { id, type, sequence, occurred_at: at, instance: i }, instance }) => ({
        uuid: id,
        instanceId: instance.id,
        type: TYPES[type],
        sequence,
        at,
        instanceType: i.instance_type,
        vcpu: i.vcpu,
        memory: i.memory,
      })),
    ),
  );
  const news = mine.flatMap((m, i) => {
    if (!m) return [];
    if (fresh.delete(m.event.id.toLowerCase())) return [m];
    fates[i] = { status: 'duplicate' };
    return [];
  });
  await noteNewest(tx, news);
  return news.map(({ event, instance }) => ({ instanceId: instance.id, since: event.occurred_at }));
};
