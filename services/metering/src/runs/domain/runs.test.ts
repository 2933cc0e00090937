import { normaliseEvents, type PowerEvent, type Size } from './runs.js';

const hour = (h: number): number => h * 3_600_000_000;
const MICRO: Size = { instanceType: 't2.micro', vcpu: 1, memory: 1 };
const BIG: Size = { instanceType: 'm5.24xlarge', vcpu: 96, memory: 384 };
const SMALL: Size = { instanceType: 't2.small', vcpu: 1, memory: 2 };
const event = (type: PowerEvent['type'], h: number, size: Size | null = null): PowerEvent => ({
  type,
  at: hour(h),
  size,
});
const on = (h: number, size?: Size): PowerEvent => event('power_on', h, size);
const off = (h: number): PowerEvent => event('power_off', h);
const change = (h: number, size: Size): PowerEvent => event('attribute_change', h, size);
const runs = (...events: PowerEvent[]): unknown[] =>
  normaliseEvents(events).map(({ start, end, size }) => [
    start / hour(1),
    end === null ? null : end / hour(1),
    size?.instanceType ?? null,
  ]);

describe('runs from events (contract metering §8.2)', () => {
  it.each([
    ['repeated on and off count once', [on(3), on(4), off(6), off(7)], [[3, 6, null]]],
    [
      'a late off revives the on that was ignored',
      [on(3), off(3.5), on(4), off(6), off(7)],
      [
        [3, 3.5, null],
        [4, 6, null],
      ],
    ],
    ['three ons, one off', [on(9), on(11), on(13), off(14)], [[9, 14, null]]],
    ['an off alone is nothing', [off(1)], []],
    [
      'a type changed while off holds for the next run',
      [off(1), change(2, SMALL), on(3), change(4, BIG), off(5), on(6)],
      [
        [3, 5, 't2.small'],
        [6, null, 'm5.24xlarge'],
      ],
    ],
    [
      'off and on at one instant are two runs',
      [on(3, MICRO), off(5), on(5)],
      [
        [3, 5, 't2.micro'],
        [5, null, 't2.micro'],
      ],
    ],
    ['on and off at one instant are a run of no length', [on(3), off(3)], [[3, 3, null]]],
    ['off before on at one instant is an open run', [off(3), on(3)], [[3, null, null]]],
    [
      'each run has the type in force at its start',
      [on(3, MICRO), off(5), change(6, BIG), on(7)],
      [
        [3, 5, 't2.micro'],
        [7, null, 'm5.24xlarge'],
      ],
    ],
    [
      'a late untyped on takes the first type told after it, and the others keep theirs [beyond]',
      [on(2), on(3, MICRO), off(5), change(6, BIG), on(7)],
      [
        [2, 5, 't2.micro'],
        [7, null, 'm5.24xlarge'],
      ],
    ],
  ])('%s', (_title, events, wanted) => {
    expect(runs(...events)).toEqual(wanted);
  });
  it('the size in force before the first event holds until another is told', () => {
    expect(normaliseEvents([on(3), off(4), change(5, BIG), on(6)], MICRO).map((r) => r.size)).toEqual([MICRO, BIG]);
  });
});
