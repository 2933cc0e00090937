import { columns, run, sql, type Queryable } from '@nefos/service-kit';
import { recording } from '../../events/recording.js';
import { OPERATION_PROGRESS } from '../recorded.js';
import { operations, type Operation, type Step } from '../tables.js';
import { OPERATION } from './operation-work.js';

/** An operation on something that is no instance. */
export type OtherWork = Pick<
  Operation,
  (typeof OPERATION)[number] | 'objectType' | 'objectId' | 'clientId' | 'createdById' | 'createdByName'
> & { overdue: boolean; ageMs: number };
/** As `beginSlice`, for an operation that is on no instance. SQL: conditional. */
export const beginOtherSlice = async (q: Queryable, id: string, checkSeconds: number): Promise<OtherWork | undefined> =>
  (
    await sql<OtherWork>(
      q,
      `update operation o
      set status = 'running', started_at = coalesce(started_at, now()), next_check_at = now() + $2 * interval '1 s'
      where id = $1 and status in ('pending', 'running') and object_type <> 'instance'
      returning ${columns(operations, 'o', [
        ...OPERATION,
        'objectType',
        'objectId',
        'clientId',
        'createdById',
        'createdByName',
      ])}, o.deadline_at < now() overdue, extract(epoch from now() - o.created_at)::float8 * 1000 "ageMs"`,
      [id, checkSeconds],
    )
  )[0];

/**
 * The driver is going to be called. SQL: computed; the event is recorded in the same statement.
 * @param attempts how many came before it
 * @returns false: another process has begun one meanwhile
 */
export const beginOtherAttempt = async (
  q: Queryable,
  { id, steps, attempts }: { id: string; steps: readonly Step[]; attempts: number },
): Promise<boolean> =>
  (await run(
    q,
    recording(
      'update operation set steps = $2::jsonb, attempts = attempts + 1 where id = $1 and attempts = $3',
      OPERATION_PROGRESS,
      { wake: false },
    ),
    [id, JSON.stringify(steps), attempts],
  )) > 0;
