// @ts-check
// The rate at which metering takes power events, each of them exactly once.
import { createHash, randomUUID } from 'node:crypto';
import { median } from './lib-figures.mjs';
import { bodyOf } from './lib-service.mjs';

const BATCH = 1000;
const CLIENTS = 50;
export const TOKEN = 'bench-component-token-00000000000';

/**
 * Lives of instances: on, off, on … a minute apart; of 50 clients, in the order in which compute sends them.
 * @param {number} instances @param {number} each events of each instance
 */
const makeEvents = (instances, each) => {
  const all = Array.from({ length: instances }, (_, i) => ({ id: randomUUID(), client: `client-${i % CLIENTS}` }));
  const identities = Array.from({ length: CLIENTS }, () => randomUUID());
  return Array.from({ length: each }, (_, n) =>
    all.map(({ id, client }, i) => ({
      id: randomUUID(),
      type: n % 2 ? 'instance.power_off' : 'instance.power_on',
      sequence: n + 1,
      occurred_at: new Date(Date.UTC(2026, 0, 1) + n * 60_000 + i).toISOString(),
      account: { number: client, name: client, identities: [identities[i % CLIENTS]] },
      instance: {
        id,
        region: 'RegionOne',
        instance_type: 'm1.small',
        vcpu: 1,
        memory: 2,
        image: { id: 'a1b2c3', name: 'Debian 12', os_distro: 'debian' },
      },
    })),
  ).flat();
};
/** @typedef {ReturnType<typeof makeEvents>} Events */
/** @typedef {ReturnType<typeof import('./lib-service.mjs').createCaller>['ask']} Ask */

/**
 * Sends all batches over a few connections; every fourth one twice, at the same time.
 * @param {Ask} ask @param {number} port @param {Events} events
 * @returns {Promise<Record<string, number>>} number of events by the status that metering gave them
 */
const send = async (ask, port, events, connections = 3) => {
  const batches = [];
  for (let i = 0; i < events.length; i += BATCH) batches.push(JSON.stringify({ events: events.slice(i, i + BATCH) }));
  const queue = batches.flatMap((body, i) => (i % 4 ? [body] : [body, body]));
  /** @type {Record<string, number>} */
  const statuses = {};
  const request = { method: 'POST', path: '/internal/v1/events', headers: { 'X-Auth-Token': TOKEN } };
  const worker = async () => {
    for (let body = queue.shift(); body; body = queue.shift()) {
      const answer = bodyOf(await ask(port, { ...request, body }), request.path);
      for (const { status } of JSON.parse(answer.toString()).results) statuses[status] = (statuses[status] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: connections }, worker));
  return statuses;
};

/** The runs that the events make, as the query below sums them up. @param {Events} events */
const expectedRuns = (events) => {
  /** @type {Map<string, Events>} */
  const byInstance = new Map();
  for (const event of events) {
    const life = byInstance.get(event.instance.id);
    if (life) life.push(event);
    else byInstance.set(event.instance.id, [event]);
  }
  const epoch = (/** @type {Events[number]} */ { occurred_at: at }) => (Date.parse(at) / 1000).toFixed(6);
  return [...byInstance]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([id, life]) =>
      life.flatMap((on, n) => {
        const off = life[n + 1];
        return n % 2 === 0 ? [`${id}${epoch(on)}${off ? epoch(off) : '-'}`] : [];
      }),
    );
};
/**
 * @param {import('pg').Client} db @param {Events} events @param {Record<string, number>} statuses
 * @throws Error when an event is missing, or was taken twice
 */
const checkExactlyOnce = async (db, events, statuses) => {
  const uuids = [...new Set(events.map((e) => e.instance.id))];
  const { rows } = await db.query(
    `select (select count(*) from instance_event where event_uuid = any($1::uuid[]))::int stored,
       count(*)::int runs, count(*) filter (where r.end_time is null)::int open,
       md5(string_agg(n.instance_uuid || extract(epoch from r.start_time)::text
         || coalesce(extract(epoch from r.end_time)::text, '-'), ',' order by n.instance_uuid, r.start_time)) sum
     from run r join instance i on i.id = r.instance_id join nefos_instance n on n.id = i.nefos_instance_id
     where n.instance_uuid = any($2::uuid[])`,
    [events.map((e) => e.id), uuids],
  );
  const { stored, runs, open, sum } = rows[0];
  const wanted = expectedRuns(events);
  if (
    stored !== events.length ||
    statuses.accepted !== events.length ||
    runs !== wanted.length ||
    open !== uuids.length ||
    sum !== createHash('md5').update(wanted.join(',')).digest('hex')
  ) {
    const found = { stored, runs, open, statuses, events: events.length, wanted: wanted.length };
    throw new Error(`not exactly once: ${JSON.stringify(found)}`);
  }
};

/**
 * @param {import('pg').Client} db @param {Ask} ask @param {number} port
 * @param {{ instances: number, each: number, rounds: number }} options `each`: events of an instance, an odd number
 * @returns {Promise<import('./lib-figures.mjs').Result[]>}
 */
export const benchIngest = async (db, ask, port, { instances, each, rounds }) => {
  // Warms.
  await send(ask, port, makeEvents(500, 4));
  const rates = [];
  for (let round = 0; round < rounds; round += 1) {
    const events = makeEvents(instances, each);
    const started = performance.now();
    const statuses = await send(ask, port, events);
    rates.push(((statuses.accepted ?? 0) + (statuses.duplicate ?? 0)) / ((performance.now() - started) / 1000));
    await checkExactlyOnce(db, events, statuses);
  }
  const rate = median(rates);
  return [
    {
      name: 'power events taken over HTTP in batches of 1,000, exactly once',
      value: `${Math.round(rate)}/s`,
      target: '>= 10,000/s',
      ok: rate >= 10_000,
      detail: `every fourth batch sent twice at once; rounds ${rates.map((r) => Math.round(r)).join(', ')}/s`,
    },
  ];
};
