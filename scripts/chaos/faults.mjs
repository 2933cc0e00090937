// @ts-check
// What is done to the run's own processes. Each fault ends by itself; `undo` ends those that are under way.
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive, signal } from './processes.mjs';

const SERVICES = ['gateway', 'identity', 'compute', 'metering', 'introspection'];
/** How often each comes, in relation to the others. */
export const WEIGHTS = {
  'kill-gateway': 2,
  'kill-identity': 3,
  'kill-compute': 4,
  'kill-metering': 3,
  'kill-introspection': 2,
  'kill-backend': 5,
  'terminate-backends': 4,
  'kill-postmaster': 3,
  'kill-supervisor': 2,
  'freeze-database': 3,
  'freeze-service': 3,
  'freeze-supervisor': 1,
};

export const createFaults = ({ stack, random, say, proof }) => {
  const { processes } = stack;
  const frozen = new Set();
  const freeze = async (pids, ms) => {
    for (const pid of pids) if (signal(pid, 'SIGSTOP')) frozen.add(pid);
    await sleep(ms);
    for (const pid of pids) {
      signal(pid, 'SIGCONT');
      frozen.delete(pid);
    }
  };
  const killService = (name) => async () => {
    const pid = processes.service(name);
    if (pid === undefined || !signal(pid, 'SIGKILL')) return undefined;
    return `SIGKILL ${name}`;
  };
  const kinds = {
    ...Object.fromEntries(SERVICES.map((name) => [`kill-${name}`, killService(name)])),
    'kill-backend': async () => {
      const backends = processes.backends();
      if (!backends.length) return undefined;
      const { pid, command } = random.one(backends);
      signal(pid, 'SIGKILL');
      return `SIGKILL backend (${command.replace(/^postgres: /, '').replace(/\(\d+\)/, '')})`;
    },
    'terminate-backends': async () => {
      const many = random.whole(1, 8);
      const rows = await stack
        .query(
          'postgres',
          `select pg_terminate_backend(pid) from (
             select pid from pg_stat_activity where datname like 'nefos%' order by md5(pid::text || $1) limit $2) some`,
          [String(random.whole(0, 1e9)), many],
        )
        .catch(() => []);
      return rows.length ? `pg_terminate_backend of ${rows.length}` : undefined;
    },
    'kill-postmaster': async () => {
      const pid = processes.postmaster();
      if (pid === undefined || !signal(pid, 'SIGKILL')) return undefined;
      return 'SIGKILL postmaster';
    },
    'freeze-database': async () => {
      const pids = processes.database();
      if (!pids.length) return undefined;
      const ms = random.whole(1000, 6000);
      await freeze(pids, ms);
      return `SIGSTOP PostgreSQL for ${(ms / 1000).toFixed(1)} s`;
    },
    'freeze-service': async () => {
      const name = random.one(SERVICES);
      const pid = processes.service(name);
      if (pid === undefined) return undefined;
      const ms = random.whole(1000, 6000);
      await freeze([pid], ms);
      return `SIGSTOP ${name} for ${(ms / 1000).toFixed(1)} s`;
    },
    // Nobody reads what the services write meanwhile.
    'freeze-supervisor': async () => {
      const pid = stack.supervisor();
      if (pid === undefined || !isAlive(pid)) return undefined;
      const ms = random.whole(1000, 6000);
      await freeze([pid], ms);
      return `SIGSTOP supervisor for ${(ms / 1000).toFixed(1)} s`;
    },
    'kill-supervisor': async () => {
      const pid = stack.supervisor();
      if (pid === undefined || !isAlive(pid)) return undefined;
      const before = processes.services();
      signal(pid, 'SIGKILL');
      const pause = random.whole(300, 2000);
      await sleep(pause);
      // As an operator would: `npm start` again, at once.
      await proof.start(before);
      return `SIGKILL supervisor, npm start ${(pause / 1000).toFixed(1)} s later`;
    },
  };
  return {
    kinds: Object.keys(kinds),
    /** @returns what was done, in words; undefined when there was nothing to do it to */
    inflict: async (kind) => {
      const done = await kinds[kind]();
      if (done) say(done);
      return done;
    },
    undo: () => {
      for (const pid of frozen) signal(pid, 'SIGCONT');
      frozen.clear();
    },
  };
};
