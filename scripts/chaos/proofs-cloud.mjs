// @ts-check
// Instances, operations, machines and usage: they agree with each other and with what was acknowledged.
/** The machines of the simulator, as they are at this instant. */
const MACHINES = `
  select portal_id id, case when changes_at <= now() then target_state else power_state end power,
    case when changes_at <= now() then null else task end task
  from sim_machine where task is distinct from 'deleting' or changes_at > now()`;
/** States in which an instance may rest, with the power that its machine must have. */
const POWER = { active: [1], paused: [3], suspended: [4, 7], stopped: [4, 6], error: [0, 1, 3, 4, 6, 7] };
/** What an operation that has succeeded makes of its instance, for metering: on, off. */
const TURNS = {
  create: true,
  start: true,
  rebootSoft: true,
  rebootHard: true,
  unpause: true,
  resume: true,
  pause: true,
  stop: false,
  suspend: false,
  delete: false,
};
/**
 * The transaction that ends an operation takes its instant at its begin, and the fact's later; a frozen database lies
 * in between.
 */
const TOLERANCE_MS = 15_000;

const intervalsOf = (operations) => {
  const out = [];
  for (const { action, completed_at: at } of operations) {
    const open = out.at(-1)?.end === null;
    if (TURNS[action] && !open) out.push({ start: at, end: null });
    else if (!TURNS[action] && open) out.at(-1).end = at;
  }
  return out;
};
const near = (a, b) => (a === null || b === null ? a === b : Math.abs(a - b) <= TOLERANCE_MS);
const say = (list) =>
  list
    .map(({ start, end }) => `${start.toISOString().slice(11, 19)}-${end?.toISOString().slice(11, 19) ?? ''}`)
    .join(' ') || 'none';
const listed = (rows, key) => {
  const out = new Map();
  for (const row of rows) {
    const list = out.get(row[key]);
    if (list) list.push(row);
    else out.set(row[key], [row]);
  }
  return out;
};

export const cloudProofs = ({ world, stack }) => ({
  'each acknowledged instance is there once, and no other': {
    how: 'select * from instance (nefos_compute)',
    prove: async () => {
      const wrong = [];
      const rows = await stack.query('nefos_compute', 'select id, client_id, name, vm_state, locked_by from instance');
      const clients = new Map(world.tenants.filter((one) => one.id).map((one) => [one.id, one]));
      const byId = new Map(rows.map((row) => [row.id, row]));
      for (const [id, instance] of world.instances) {
        const row = byId.get(id);
        if (!row) wrong.push(`instance ${id} was acknowledged and is not there`);
        else if (instance.tenant.state === 'there') {
          if (!instance.name.allows(row.name))
            wrong.push(`instance ${id}: name "${row.name}", acknowledged ${instance.name}`);
          if (instance.deleted === true && row.vm_state !== 'deleted')
            wrong.push(`instance ${id} is ${row.vm_state}, its deletion was acknowledged`);
          if (!instance.deleted && row.vm_state === 'deleted')
            wrong.push(`instance ${id} is deleted, though that was not requested`);
          if (!instance.deleted && !instance.locked.allows(row.locked_by !== null))
            wrong.push(`instance ${id}: locked_by ${row.locked_by}, acknowledged ${instance.locked}`);
        }
      }
      // Those whose answer was lost can be there once, or not at all.
      const open = new Set(
        [...clients.values()].flatMap((one) => one.instances.filter((i) => !i.id).map((i) => i.first)),
      );
      for (const row of rows.filter((one) => clients.has(one.client_id) && !world.instances.has(one.id)))
        if (!open.delete(row.name))
          wrong.push(`instance ${row.id} "${row.name}" is there, though it was not acknowledged`);
      const lost = [...clients.values()].flatMap((one) =>
        one.instances.filter((i) => i.state === 'lost' && open.has(i.first)),
      );
      return [
        ...wrong,
        ...lost.map((one) => `instance "${one.first}" has taken effect, by its answer, and is not there`),
      ];
    },
  },
  'each acknowledged operation is there and has ended in time': {
    how: 'select * from operation (nefos_compute)',
    prove: async () => {
      const rows = await stack.query(
        'nefos_compute',
        'select id, instance_id, action, status, error, created_at, completed_at, deadline_at, attempts from operation',
      );
      const byId = new Map(rows.map((row) => [row.id, row]));
      const wrong = [];
      for (const [id, { instance, action }] of world.operations) {
        const row = byId.get(id);
        if (!row || row.instance_id !== instance)
          wrong.push(`operation ${id} (${action} of ${instance}) was acknowledged and is not there`);
      }
      for (const row of rows) {
        if (row.status === 'pending' || row.status === 'running')
          wrong.push(
            `operation ${row.id} (${row.action} of ${row.instance_id}) is ${row.status} ` +
              `since ${row.created_at.toISOString()}, ${row.attempts} attempts`,
          );
        if (row.completed_at > row.deadline_at)
          wrong.push(`operation ${row.id} (${row.action}) ended after its deadline`);
        if (row.status === 'failed')
          wrong.push(`operation ${row.id} (${row.action} of ${row.instance_id}) failed: ${JSON.stringify(row.error)}`);
      }
      return wrong;
    },
  },
  'each instance rests in a state that its machine has; no machine, no address is left over': {
    how: 'instance against sim_machine and sim_address (nefos_compute)',
    prove: async () => {
      const wrong = [];
      const machines = new Map((await stack.query('nefos_compute', MACHINES)).map((row) => [row.id, row]));
      const rows = await stack.query('nefos_compute', 'select id, vm_state, task_state, access_ip from instance');
      for (const row of rows) {
        const machine = machines.get(row.id);
        machines.delete(row.id);
        if (row.vm_state === 'deleted') {
          if (machine) wrong.push(`instance ${row.id} is deleted, its machine lives (power ${machine.power})`);
          continue;
        }
        const power = POWER[row.vm_state];
        if (!power || row.task_state !== null)
          wrong.push(`instance ${row.id} is ${row.vm_state}, task ${row.task_state}`);
        else if (row.vm_state !== 'error' && (!machine || !power.includes(machine.power) || machine.task))
          wrong.push(
            `instance ${row.id} is ${row.vm_state}, its machine ` +
              (machine ? `has power ${machine.power}, task ${machine.task}` : 'is not there'),
          );
      }
      wrong.push(...[...machines.keys()].map((id) => `machine ${id} belongs to no instance`));
      const [{ n }] = await stack.query(
        'nefos_compute',
        `select count(*)::int n from sim_address a
         where not exists (select from instance i where i.id = a.portal_id and i.vm_state <> 'deleted')`,
      );
      if (n) wrong.push(`${n} addresses are kept by machines that are gone`);
      return wrong;
    },
  },
  'usage at metering is what the operations say, each fact once': {
    how: 'run and instance_event (nefos_metering) against operation and instance (nefos_compute)',
    prove: async () => {
      const wrong = [];
      const operations = listed(
        await stack.query(
          'nefos_compute',
          `select instance_id, action, completed_at from operation
           where status = 'completed' order by completed_at, created_at`,
        ),
        'instance_id',
      );
      const instances = await stack.query('nefos_compute', 'select id, event_sequence facts from instance');
      const runs = listed(
        await stack.query(
          'nefos_metering',
          `select n.instance_uuid id, r.start_time start, r.end_time "end"
           from run r join instance i on i.id = r.instance_id join nefos_instance n on n.id = i.nefos_instance_id
           order by r.start_time`,
        ),
        'id',
      );
      const events = new Map(
        (
          await stack.query(
            'nefos_metering',
            // Events from compute have a number. One without is metering's own: an account that ends turns its
            // machines off.
            `select n.instance_uuid id, count(*)::int n
             from instance_event e join instance i on i.id = e.instance_id
               join nefos_instance n on n.id = i.nefos_instance_id
             where e.sequence > 0 group by 1`,
          )
        ).map((row) => [row.id, row.n]),
      );
      for (const { id, facts } of instances) {
        if ((events.get(id) ?? 0) !== facts)
          wrong.push(`instance ${id}: ${events.get(id) ?? 0} facts at metering, ${facts} were sent`);
        const expected = intervalsOf(operations.get(id) ?? []);
        const is = runs.get(id) ?? [];
        if (
          expected.length !== is.length ||
          expected.some((one, i) => !near(one.start, is[i].start) || !near(one.end, is[i].end))
        )
          wrong.push(`instance ${id}: ran ${say(is)} at metering, ${say(expected)} by its operations`);
      }
      return wrong;
    },
  },
});
