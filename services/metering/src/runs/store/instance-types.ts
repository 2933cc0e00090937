import { run, sql, type Queryable } from '@nefos/service-kit';
import type { TypeSize } from '../domain/instance-types.js';

/** Adds types that are not known; a size once stored stays. */
export const insertTypes = (q: Queryable, types: readonly TypeSize[]): Promise<number> =>
  run(
    q,
    'insert into instance_definition (instance_type, vcpu, memory) select * from unnest($1::text[], $2::int[], $3::numeric[]) on conflict do nothing',
    [types.map((t) => t.instanceType), types.map((t) => t.vcpu), types.map((t) => t.memory)],
  );

export const findTypes = async (q: Queryable, names: readonly string[]): Promise<Map<string, TypeSize>> => {
  const rows = await sql<{ instance_type: string; vcpu: number; memory: string }>(
    q,
    'select instance_type, vcpu, memory from instance_definition where instance_type = any($1::text[])',
    [names],
  );
  return new Map(
    rows.map((r) => [r.instance_type, { instanceType: r.instance_type, vcpu: r.vcpu, memory: Number(r.memory) }]),
  );
};
