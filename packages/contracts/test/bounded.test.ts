import {
  boundedArray,
  boundedRecord,
  MAX_ISSUES,
  type Contract,
  identity,
  identityInternal,
  ingestEvents,
} from '@nefos/contracts';
import * as contracts from '@nefos/contracts';
import { cpuOf } from '@nefos/testing';
import { z } from 'zod';

describe('lists and objects of a stranger', () => {
  const list = boundedArray(z.object({ id: z.string() }), 1000, 1);
  it.each([
    [[{ id: 'a' }], 'taken'],
    [[], 'too_short'],
    [Array(1001).fill({ id: 'a' }), 'too_long'],
    ['x', 'invalid_type'],
    [undefined, 'invalid_type'],
    [{ length: 1 }, 'invalid_type'],
  ])('a list: %#', (value, wanted) => {
    const found = list.safeParse(value);
    expect(found.success ? 'taken' : (found.error.issues[0] as { params?: { rule?: string } }).params?.rule).toBe(
      wanted,
    );
  });
  it('a bad item is named by its place, and the rest is not judged without end', () => {
    const one = list.safeParse([{ id: 'a' }, { id: 5 }]);
    expect(one.error?.issues).toMatchObject([{ code: 'invalid_type', path: [1, 'id'] }]);
    expect(list.safeParse(Array(1000).fill({ id: 5 })).error?.issues).toHaveLength(MAX_ISSUES);
  });
  it('an object with too many names is refused before what they hold', () => {
    const record = boundedRecord(z.string(), 2);
    expect(record.parse({ a: 'x' })).toEqual({ a: 'x' });
    expect(record.safeParse({ a: 1, b: 1, c: 1 }).error?.issues).toMatchObject([
      { params: { rule: 'too_long' }, path: [] },
    ]);
    for (const value of [[], null, 'x', undefined]) expect(record.safeParse(value).success).toBe(false);
  });
});

describe('every body of every contract', () => {
  const found: [string, Contract][] = [];
  const collect = (value: unknown): void => {
    if (typeof value !== 'object' || value === null || value instanceof z.ZodType) return;
    if ('method' in value && 'path' in value && 'access' in value) {
      const one = value as unknown as Contract;
      if (one.body && !found.some(([, other]) => other === one)) found.push([`${one.method} ${one.path}`, one]);
      return;
    }
    for (const member of Object.values(value)) collect(member);
  };
  collect(contracts);
  it('are looked at', () => {
    const of = [
      identity.getUserCatalogs,
      identity.issueV3Token,
      identity.createCredential,
      identityInternal.issueToken,
      ingestEvents,
    ];
    expect(found.map(([, c]) => c)).toEqual(expect.arrayContaining(of));
    expect(found.length).toBeGreaterThan(40);
  });

  /**
   * A megabyte of `item`s wherever the schema has a list or names of the caller's choice; the other fields as they
   * should be.
   */
  const flooded = (schema: Record<string, unknown>, item: unknown, many: unknown[]): unknown => {
    if (schema.type === 'array' || (Array.isArray(schema.type) && schema.type.includes('array'))) return many;
    const options = (schema.anyOf ?? schema.oneOf ?? schema.allOf) as Record<string, unknown>[] | undefined;
    if (options) return options.map((one) => flooded(one, item, many)).find((one) => one !== undefined);
    if (schema.properties) {
      const fields = Object.entries(schema.properties as Record<string, Record<string, unknown>>);
      return Object.fromEntries(fields.map(([name, one]) => [name, flooded(one, item, many)]));
    }
    if (schema.additionalProperties) return { ...Array.from({ length: 100_000 }, () => item) };
    return undefined;
  };
  it.each(found)('%s: half a million wrong items take no time', async (_name, { body }) => {
    const schema = z.toJSONSchema(body as z.ZodType, { io: 'input', unrepresentable: 'any' }) as Record<
      string,
      unknown
    >;
    for (const item of [1, {}, [], '']) {
      const many = Array<unknown>(500_000).fill(item);
      for (const value of [many, flooded(schema, item, many)]) {
        const judge = (): void => {
          const { error } = (body as z.ZodType).safeParse(value);
          expect(error?.issues.length ?? 0).toBeLessThanOrEqual(1000);
        };
        const ms = Math.min(await cpuOf(judge), await cpuOf(judge));
        expect(ms).toBeLessThan(200);
      }
    }
  });
});
