import type { RecordedAs } from '../events/recording.js';

// What events say of operations and instances (contract compute §10.1). End users do not see hosts and staff.

/** SQL of a failure as end users read it: its message only where it can not name a host. */
export const plainFailure = (column: string): string => `case when ${column} is null
    or ${column} ->> 'code' in ('no_capacity', 'quota', 'timeout', 'canceled') then ${column} - 'created'
  else jsonb_build_object('code', ${column} ->> 'code', 'message', 'The operation failed.') end`;

const INSTANCE: Omit<RecordedAs, 'type'> = {
  object: 'instance',
  data: `jsonb_build_object('name', name, 'region', region_id, 'vm_state', vm_state, 'task_state', task_state,
    'power_state', power_state, 'operation', operation_id, 'fault', ${plainFailure('fault')})`,
  staffData: `jsonb_build_object('host_name', host_name, 'fault', fault - 'created')`,
};
export const INSTANCE_CREATED: RecordedAs = { ...INSTANCE, type: `'instance.created'` };
/** A deleted one stays as a row. */
export const INSTANCE_STATE: RecordedAs = {
  ...INSTANCE,
  type: `case when vm_state = 'deleted' then 'instance.deleted' else 'instance.state' end`,
};
/** Only when the statement changed the power state: a statement reads the rows as they were before it. */
export const INSTANCE_POWER: RecordedAs = {
  ...INSTANCE_STATE,
  when: 'power_state is distinct from (select i.power_state from instance i where i.id = changed.id)',
};

const operationAs = (type: string): RecordedAs => ({
  type: `'${type}'`,
  object: 'operation',
  data: `jsonb_build_object('type', type, 'status', status, 'steps', steps, 'attempts', attempts,
    'progress', case when status = 'completed' then 100 else
      (select 100 * count(*) filter (where s ->> 'status' = 'completed') / greatest(count(*), 1)
        from jsonb_array_elements(steps) s) end,
    'primary_object', jsonb_build_object('type', object_type, 'id', coalesce(object_id, instance_id)),
    'error', ${plainFailure('error')})`,
  staffData: `jsonb_build_object('error', error, 'created_by', case when created_by_id is not null then
    jsonb_build_object('id', created_by_id, 'username', created_by_name) end)`,
});
export const OPERATION_CREATED = operationAs('operation.created');
export const OPERATION_PROGRESS = operationAs('operation.progress');
export const OPERATION_ENDED = operationAs('operation.ended');
