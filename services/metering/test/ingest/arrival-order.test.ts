import { randomUUID } from 'node:crypto';
import type { MeteringEvent } from '@nefos/contracts';
import { sql } from '@nefos/service-kit';
import fc from 'fast-check';
import { useService, makeLife } from '../support.js';

// Whatever the order in which events arrive, the days show what a count by hand gives for the whole list (contract
// metering §8.1, §9.3).

const DAY = 86_400_000;
const FIRST = Date.parse('2019-07-01T00:00:00Z');
const DAYS = 4;
const iso = (at: number): string => new Date(at).toISOString();
const dateOf = (day: number): string => iso(FIRST + day * DAY).slice(0, 10);

interface Size {
  type: string | null;
  vcpu: number | null;
  memory: number | null;
}
/** One fact of one of the instances; its place in the list is its sequence. */
interface Fact {
  instance: number;
  type: 'power_on' | 'power_off' | 'attribute_change' | 'deleted';
  at: number;
  size: Size;
  image: string | null;
  region: string;
}
interface Run {
  instance: number;
  start: number;
  end: number;
  vcpu: number;
  memory: number;
}

/** Runs of one instance by the rule itself: all facts, in order of time and then of sequence. */
const runsByHand = (facts: readonly Fact[], instance: number): Run[] => {
  // The sort is stable: by sequence at one instant.
  const mine = facts.filter((f) => f.instance === instance).sort((a, b) => a.at - b.at);
  const sized = mine.filter((f) => f.size.type !== null);
  const runs: Run[] = [];
  let held: number | undefined;
  const ends = (start: number, end: number): void => {
    const { vcpu, memory } = (sized.filter((f) => f.at <= start).at(-1) ?? sized[0])?.size ?? { vcpu: 0, memory: 0 };
    runs.push({ instance, start, end, vcpu: vcpu ?? 0, memory: memory ?? 0 });
  };
  for (const { type, at } of mine) {
    if (type === 'power_on') held ??= at;
    else if (type !== 'attribute_change' && held !== undefined) {
      ends(held, at);
      held = undefined;
    }
  }
  if (held !== undefined) ends(held, Infinity);
  return runs;
};
/** The days by counting at every instant at which something happens. */
const daysByHand = (facts: readonly Fact[], instances: number): object[] => {
  const all = Array.from({ length: instances }, (_, i) => i);
  const newest = (i: number): Fact | undefined => facts.filter((f) => f.instance === i).at(-1);
  const runs = all.filter((i) => (newest(i)?.image ?? null) !== null).flatMap((i) => runsByHand(facts, i));
  return Array.from({ length: DAYS }, (_, d) => {
    const from = FIRST + d * DAY;
    const to = from + DAY;
    const present = runs.filter((r) => r.start < to && r.end >= from);
    const points = present.flatMap((r) => [r.start, r.end]).filter((t) => t >= from && t < to);
    const moments = [
      present.filter((r) => r.start < from), // the moment before midnight
      ...points.map((t) => present.filter((r) => r.start <= t && (t < r.end || (r.start === t && r.end === t)))),
    ];
    const most = (of: (r: Run) => number): number =>
      Math.max(0, ...moments.map((m) => m.reduce((sum, r) => sum + of(r), 0)));
    return {
      date: dateOf(d),
      instances: most(() => 1),
      vcpu: most((r) => r.vcpu),
      memory: most((r) => r.memory),
      listed: [...new Set(present.map((r) => r.instance))].sort(),
    };
  });
};

const SIZES: Size[] = [
  { type: null, vcpu: null, memory: null },
  { type: 'm1.small', vcpu: 1, memory: 2 },
  { type: 'm1.large', vcpu: 4, memory: 8.5 },
];
const fact: fc.Arbitrary<Fact> = fc.record({
  instance: fc.nat({ max: 1 }),
  type: fc.constantFrom('power_on', 'power_on', 'power_off', 'power_off', 'attribute_change', 'deleted'),
  // Few instants, midnights among them, so that many fall together.
  at: fc.oneof(
    fc.nat({ max: DAYS }).map((d) => FIRST + d * DAY),
    fc.nat({ max: DAYS * 24 }).map((h) => FIRST + h * 3_600_000),
  ),
  size: fc.constantFrom(...SIZES),
  image: fc.constantFrom(null, null, 'a', 'b'),
  region: fc.constantFrom('r1', 'r2'),
});
/** A life, and how it arrives: in any order, some facts twice, in batches of any size. */
const story = fc.array(fact, { minLength: 1, maxLength: 12 }).chain((facts) => {
  const places = facts.map((_, i) => i);
  return fc.record({
    facts: fc.constant(facts),
    order: fc
      .tuple(
        fc.shuffledSubarray(places, { minLength: places.length, maxLength: places.length }),
        fc.shuffledSubarray(places),
      )
      .map(([once, again]) => [...once, ...again]),
    batches: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 6 }),
  });
});

describe('arrival order', () => {
  const service = useService();
  const eventsOf = (facts: readonly Fact[], account: string, instances: readonly string[]): MeteringEvent[] =>
    facts.map(({ instance, type, at, size, image, region }, sequence) => ({
      id: randomUUID(),
      type: `instance.${type}`,
      sequence,
      occurred_at: iso(at),
      account: { number: account, name: account, identities: [] },
      instance: {
        id: instances[instance] as string,
        region,
        instance_type: size.type,
        vcpu: size.vcpu,
        memory: size.memory,
        image: image === null ? null : { id: `${account}-${image}`, name: image, os_distro: null },
      },
    }));
  const days = async (account: string, start: string, end: string) =>
    (await service.call('get', `concurrent/?start_date=${start}&end_date=${end}`, account).expect(200)).body.data as {
      date: string;
      instances: number;
      vcpu: number;
      memory: number;
      instances_list: { cloud_instance_id: string }[];
    }[];

  it('200: any life, told in any order and any batches, shows the days that a count by hand gives', async () => {
    await fc.assert(
      fc.asyncProperty(story, async ({ facts, order, batches }) => {
        const account = `order-${randomUUID()}`;
        const instances: string[] = [randomUUID(), randomUUID()];
        const events = eventsOf(facts, account, instances);
        const queue = order.map((i) => events[i] as MeteringEvent);
        for (let i = 0; queue.length; i += 1)
          await service.tell(...queue.splice(0, batches[i % batches.length] as number));

        const shown = (await days(account, dateOf(0), dateOf(DAYS))).map(({ instances_list: list, ...day }) => ({
          ...day,
          listed: list.map((one) => instances.indexOf(one.cloud_instance_id)).sort(),
        }));
        expect(shown).toEqual(daysByHand(facts, instances.length));

        const rows = await sql(
          service.db,
          `select n.instance_uuid uuid, n.region, p.name image from nefos_instance n join instance i on i.nefos_instance_id = n.id
            left join machine_image p on p.id = i.machine_image_id where n.instance_uuid = any($1::uuid[])`,
          [instances],
        );
        const newest = instances.flatMap((uuid, i) => {
          const last = facts.filter((f) => f.instance === i).at(-1);
          return last ? [{ uuid, region: last.region, image: last.image }] : [];
        });
        expect(rows.sort((a, b) => instances.indexOf(a.uuid as string) - instances.indexOf(b.uuid as string))).toEqual(
          newest,
        );
        const known = await sql(service.db, 'select image_uuid from nefos_machine_image where image_uuid like $1', [
          `${account}-%`,
        ]);
        expect(new Set(known.map((r) => r.image_uuid))).toEqual(
          new Set(facts.flatMap((f) => (f.image === null ? [] : [`${account}-${f.image}`]))),
        );
      }),
      { numRuns: 60 },
    );
  });
  it.each(['becomes null', 'ceases to be null'])(
    '200: an image that %s counts for all days at once, in all six orders',
    async (which) => {
      service.clock.set('2024-03-05T00:00:00Z');
      const images = which === 'becomes null' ? [undefined, undefined, null] : [null, null, 'x'];
      const answers = new Set<string>();
      for (const order of [
        [0, 1, 2],
        [0, 2, 1],
        [1, 0, 2],
        [1, 2, 0],
        [2, 0, 1],
        [2, 1, 0],
      ]) {
        const { account, event } = makeLife();
        const story = [
          event('power_on', '2024-02-28T06:00:00Z', { ...(images[0] !== undefined && { image: images[0] }) }),
          event('power_off', '2024-02-28T12:00:00Z', { ...(images[1] !== undefined && { image: images[1] }) }),
          event('power_on', '2024-03-02T01:00:00Z', { ...(images[2] !== undefined && { image: images[2] }) }),
        ];
        for (const i of order) await service.tell(story[i] as MeteringEvent);
        answers.add(JSON.stringify((await days(account, '2024-02-28', '2024-03-04')).map((day) => day.instances)));
      }
      expect([...answers]).toEqual([which === 'becomes null' ? '[0,0,0,0,0]' : '[1,0,0,1,1]']);
    },
  );
});
