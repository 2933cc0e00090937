import { columns, run, sql, type Queryable, type Row } from '@nefos/service-kit';
import { instanceDefinitions } from './tables.js';

/** Size of an instance type; memory in GiB. */
export interface TypeSize extends Omit<Row<typeof instanceDefinitions>, 'memory'> {
  memory: number;
}
/** Adds the types that are missing, in one statement; a size once stored stays. */
export const insertTypes = (q: Queryable, types: readonly TypeSize[]): Promise<number> =>
  run(
    q,
    `insert into instance_definition (instance_type, vcpu, memory)
     select * from unnest($1::text[], $2::int[], $3::numeric[]) on conflict do nothing`,
    [types.map((one) => one.instanceType), types.map((one) => one.vcpu), types.map((one) => one.memory)],
  );

const BY_NAMES = `select ${columns(instanceDefinitions)} from instance_definition
  where instance_type = any($1::text[])`;
/** By name. SQL: it is part of each batch of events. */
export const findTypes = async (q: Queryable, names: readonly string[]): Promise<Map<string, TypeSize>> => {
  const rows = await sql<Row<typeof instanceDefinitions>>(q, BY_NAMES, [names]);
  return new Map(rows.map((row) => [row.instanceType, { ...row, memory: Number(row.memory) }]));
};
