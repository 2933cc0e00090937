import { z } from 'zod';

type Schema = Record<string, unknown>;
const FORMATS: Record<string, string> = {
  uuid: '7d444840-9dc0-4d1d-b245-5ffdce74fad2',
  email: 'somebody@example.com',
  'date-time': '2099-01-01T00:00:00Z',
  date: '2099-01-01',
};

const textOf = ({ format, minLength }: Schema): string =>
  FORMATS[String(format)] ?? 'x'.repeat(Math.max(1, Number(minLength ?? 1)));
const objectOf = ({ properties = {}, required = [] }: Schema, root: Schema): unknown => {
  const all = Object.entries(properties as Record<string, Schema>);
  const needed = all.filter(([name]) => (required as string[]).includes(name));
  return Object.fromEntries((needed.length ? needed : all).map(([name, one]) => [name, valueOf(one, root)]));
};
const valueOf = (schema: Schema, root: Schema): unknown => {
  if (typeof schema.$ref === 'string') {
    const name = schema.$ref.split('/').at(-1) ?? '';
    return valueOf((root.$defs as Record<string, Schema>)[name] ?? {}, root);
  }
  if ('const' in schema) return schema.const;
  if (Array.isArray(schema.enum)) return schema.enum[0];
  const choices = (schema.anyOf ?? schema.oneOf) as Schema[] | undefined;
  if (choices?.[0]) return valueOf(choices[0], root);
  if (Array.isArray(schema.allOf))
    return Object.assign({}, ...(schema.allOf as Schema[]).map((one) => valueOf(one, root)));
  switch ([schema.type].flat()[0]) {
    case 'object':
      return objectOf(schema, root);
    case 'array':
      return [valueOf((schema.items ?? {}) as Schema, root)];
    case 'integer':
    case 'number':
      return schema.minimum ?? 1;
    case 'boolean':
      return true;
    case 'string':
      return schema.pattern === '^-?\\d+(\\.\\d+)?$' ? '1' : textOf(schema);
    default:
      return 'x';
  }
};
/**
 * A small value that fits the schema as far as its document tells: what is required, or everything where nothing is.
 */
export const exampleOf = (schema: z.ZodType): unknown => {
  const root = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Schema;
  return valueOf(root, root);
};
