import { em, sql, type Queryable } from '@nefos/service-kit';
import { Not } from 'typeorm';
import type { VmState } from '../instance-states.js';
import { instances, type Instance } from '../tables.js';

/** An instance by name, as far as its machine has to bear that. */
export type Named = Pick<Instance, 'name' | 'regionId' | 'vmState' | 'taskState'>;
/** Undefined also when it was deleted. */
export const findNamed = async (q: Queryable, id: string): Promise<Named | undefined> =>
  (await em(q).findOne(instances, {
    select: { name: true, regionId: true, vmState: true, taskState: true },
    where: { id, vmState: Not<VmState>('deleted') },
  })) ?? undefined;
/** Of these machines, the instances that have another name. SQL: batched */
export const findMisnamed = async (
  q: Queryable,
  machines: readonly { id: string; name: string }[],
): Promise<string[]> =>
  (
    await sql<Pick<Instance, 'id'>>(
      q,
      `select i.id from unnest($1::uuid[], $2::text[]) m (id, name) join instance i on i.id = m.id
      where i.name <> m.name and i.vm_state not in ('building', 'deleted') and i.task_state is null`,
      [machines.map(({ id }) => id), machines.map(({ name }) => name)],
    )
  ).map(({ id }) => id);
