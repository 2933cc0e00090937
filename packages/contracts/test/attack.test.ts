import {
  compute,
  identity,
  identityInternal,
  ingestEvents,
  introspection,
  meteringEvent,
  metering,
  type Contract,
} from '@nefos/contracts';
import { attackTexts, cpuOf } from '@nefos/testing';
import { z } from 'zod';

jest.setTimeout(300_000);

const isContract = (value: object): value is Contract => 'method' in value && 'path' in value;
const contractsOf = (value: unknown, depth = 4): Contract[] =>
  typeof value !== 'object' || value === null || depth === 0
    ? []
    : isContract(value)
      ? [value]
      : Object.values(value).flatMap((one) => contractsOf(one, depth - 1));
interface Json {
  type?: string;
  properties?: Record<string, Json>;
  additionalProperties?: Json | boolean;
  items?: Json;
  anyOf?: Json[];
  allOf?: Json[];
}
/** A value of the documented shape with `text` wherever a text, or anything at all, can stand. */
const filled = (schema: Json, text: string): unknown => {
  if (schema.anyOf ?? schema.allOf) return filled((schema.anyOf ?? schema.allOf ?? [])[0] ?? {}, text);
  if (schema.type === 'array') return [filled(schema.items ?? {}, text)];
  if (schema.type === 'object')
    return Object.fromEntries(
      Object.entries(schema.properties ?? { any: {} }).map(([key, one]) => [key, filled(one, text)]),
    );
  return text;
};
const all = contractsOf({ compute, identity, identityInternal, metering, introspection, ingestEvents });
const schemas = new Map<z.ZodType, string>([[meteringEvent, 'an event']]);
for (const one of all)
  for (const part of ['params', 'query', 'body'] as const)
    if (one[part]) schemas.set(one[part], `${part} of ${one.method} ${one.path}`);

describe('no field takes the process for long, whatever text it is given', () => {
  const texts = attackTexts(100_000);
  it('there are contracts to try', () => {
    expect(all.length).toBeGreaterThan(120);
  });
  it.each([...schemas].map(([schema, name]) => [name, schema] as const))('%s', async (_name, schema) => {
    const shape = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Json;
    const slow: [string, number][] = [];
    for (const text of texts) {
      const value = filled(shape, text);
      const ms = await cpuOf(() => schema.safeParse(value));
      if (ms > 500) slow.push([text.slice(0, 30), Math.round(ms)]);
    }
    expect(slow).toEqual([]);
  });
});
