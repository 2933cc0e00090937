// @ts-check
// Which processes belong to this run, read from /proc. Nothing here looks at, or signals, a process of anybody else.
import fs from 'node:fs';

const read = (file) => {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return '';
  }
};
const cwdOf = (pid) => {
  try {
    return fs.readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return '';
  }
};
/** `state` is a letter of proc(5): Z for a zombie, T for a stopped one. */
const statOf = (pid) => {
  const text = read(`/proc/${pid}/stat`);
  const [state, parent] = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { state, parent: Number(parent) };
};
const all = () =>
  fs
    .readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);

/** Supervisor and services of a state directory: it stands in their environment. */
const byEnvironment = (state) =>
  all()
    .filter((pid) => {
      const env = read(`/proc/${pid}/environ`);
      return (
        (env.includes(`NEFOS_START_STATE=${state}\0`) || env.includes(`NEFOS_BOOTSTRAP_FILE=${state}/`)) &&
        statOf(pid).state !== 'Z'
      );
    })
    .map((pid) => {
      const command = read(`/proc/${pid}/cmdline`).split('\0').join(' ');
      return {
        pid,
        name:
          /services\/(\w+)\/dist\/main\.js/.exec(command)?.[1] ??
          (/scripts\/start\.mjs/.test(command) ? 'supervisor' : 'other'),
        command,
      };
    });

/** Processes of a PostgreSQL data directory: each works in it. */
const inDirectory = (data) =>
  all()
    .filter((pid) => cwdOf(pid) === data && statOf(pid).state !== 'Z')
    .map((pid) => ({
      pid,
      parent: statOf(pid).parent,
      command: read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim(),
    }));

export const isAlive = (pid) => {
  const { state } = statOf(pid);
  return state !== undefined && state !== '' && state !== 'Z';
};
/** @returns whether there was such a process */
export const signal = (pid, name) => {
  try {
    process.kill(pid, name);
    return true;
  } catch {
    return false;
  }
};
/** Resident memory in MiB and the number of open files. */
export const sizeOf = (pid) => {
  const kilobytes = Number(/^VmRSS:\s+(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0);
  let files = 0;
  try {
    files = fs.readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    /* it has ended */
  }
  return { megabytes: Math.round(kilobytes / 1024), files };
};

/**
 * The processes of one run.
 * @param {{state: string, data: string}} where its state directory and PostgreSQL's data directory
 */
export const processesOf = ({ state, data }) => {
  const services = () => byEnvironment(state).filter(({ name }) => name !== 'supervisor' && name !== 'other');
  const postmaster = () => {
    const pid = Number(read(`${data}/postmaster.pid`).split('\n')[0]);
    return pid > 0 && cwdOf(pid) === data && isAlive(pid) ? pid : undefined;
  };
  return {
    services,
    service: (name) => services().find((one) => one.name === name)?.pid,
    supervisors: () => byEnvironment(state).filter(({ name }) => name === 'supervisor'),
    all: () => [...byEnvironment(state), ...inDirectory(data).map((one) => ({ ...one, name: 'postgres' }))],
    postmaster,
    /** Backends that serve a service's connection: children of the run's own postmaster. */
    backends: () => {
      const parent = postmaster();
      return parent === undefined
        ? []
        : inDirectory(data)
            .filter((one) => one.parent === parent && /^postgres: nefos_\w+ nefos_\w+ /.test(one.command))
            .map(({ pid, command }) => ({ pid, command }));
    },
    database: () => inDirectory(data).map(({ pid }) => pid),
  };
};
