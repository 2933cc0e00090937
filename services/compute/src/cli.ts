// The operator's commands on what is kept: `npm run nefos -- outbox list` and so on. scripts/nefos.mjs starts it.
import { parseArgs } from 'node:util';
import {
  createLog,
  databaseAway,
  deadAmong,
  deadJobs,
  failedEvents,
  openDatabase,
  readSetting,
  refuseUnfinishedRestore,
  retryEvents,
  retryJobs,
  type Db,
} from '@nefos/service-kit';
import { QUOTA_HELP, setQuotaRows, showQuotaRows } from './cli/quotas.js';

const HELP = `outbox list            events that metering refused, or that were set aside because they alone failed
outbox retry <event>   tells them again: ids from the list, or --all
jobs list              jobs of compute and identity that are out of attempts
jobs retry <job>       runs them again: ids from the list, or --all

${QUOTA_HELP}

  --service <name>     only jobs of compute, or of identity; where both have a job of the same id
  --json               for scripts
  --limit <n>          how many are listed, the oldest first (100)`;
/** Those with jobs. Compute alone has an outbox. */
const SERVICES = ['compute', 'identity'];
interface Source {
  service: string;
  db: Db;
}
/** What can be kept: who has it, how it is listed (the oldest first), how it is tried again, what its ids look like. */
interface Kind {
  services: string[];
  list: (sources: readonly Source[], limit: number) => Promise<object[]>;
  retry: (sources: readonly Source[], ids: string[] | 'all') => Promise<number>;
  id: RegExp;
}
const each = async <T>(sources: readonly Source[], work: (db: Db, service: string) => Promise<T>): Promise<T[]> => {
  const results: T[] = [];
  for (const { db, service } of sources) results.push(await work(db, service));
  return results;
};
const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);
const jobs: Kind = {
  services: SERVICES,
  // By time, not by service: the list of one must not push out that of the other.
  list: async (sources, limit) =>
    (await each(sources, async (db, service) => (await deadJobs(db, limit)).map((one) => ({ service, ...one }))))
      .flat()
      .sort((a, b) => (a.since < b.since ? -1 : Number(a.since > b.since))),
  retry: async (sources, ids) => {
    // Each service counts its own jobs, so two may have one of the same number: nothing is guessed.
    const found = ids === 'all' ? [] : await each(sources, (db) => deadAmong(db, ids));
    const twice = ids === 'all' ? undefined : ids.find((id) => found.filter((dead) => dead.includes(id)).length > 1);
    if (twice !== undefined)
      throw new Error(`job ${twice} is in ${sources.map((s) => s.service).join(' and in ')}: say which by --service`);
    return sum(await each(sources, (db) => retryJobs(db, ids)));
  },
  id: /^[1-9]\d{0,17}$/,
};
const outbox: Kind = {
  services: ['compute'],
  list: async (sources, limit) => (await each(sources, (db) => failedEvents(db, limit))).flat(),
  retry: async (sources, ids) => sum(await each(sources, (db) => retryEvents(db, ids))),
  id: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
};
const KINDS: Record<string, Kind> = { outbox, jobs };
const print = (rows: readonly object[], json: boolean): void => {
  if (json) process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
  else if (rows.length) console.table(rows);
  else process.stdout.write('(none)\n');
};
const setting = (service: string): string => `NEFOS_${service.toUpperCase()}_DATABASE_URL`;
/** Databases that are known, of those that the command is about. */
const open = async (services: readonly string[]): Promise<Source[]> => {
  const known = services.flatMap((service) => {
    const url = readSetting(setting(service));
    return url === undefined ? [] : [{ service, url }];
  });
  if (!known.length) throw new Error(`${services.map(setting).join(' or ')} is not set`);
  const log = createLog('compute-cli', 'error');
  const sources: Source[] = [];
  try {
    for (const { service, url } of known) {
      const db = await openDatabase({ url, poolSize: 2, applicationName: 'nefos-cli', log });
      sources.push({ service, db });
      await refuseUnfinishedRestore(db.pool);
    }
  } catch (err) {
    await close(sources);
    throw err;
  }
  return sources;
};
const close = async (sources: readonly Source[]): Promise<void> => {
  for (const { db } of sources) await db.close();
};

const main = async (): Promise<void> => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      all: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h' },
      limit: { type: 'string', default: '100' },
      service: { type: 'string' },
      force: { type: 'boolean', default: false },
    },
  });
  const [name = '', verb = '', ...ids] = positionals;
  if (name === 'quota' && !values.help && ids[0] !== undefined) {
    const quotas = {
      show: (db: Db, project: string) => showQuotaRows(db, project),
      set: (db: Db, project: string) => setQuotaRows(db, project, ids.slice(1), values),
    };
    const work = verb === 'show' || verb === 'set' ? quotas[verb] : undefined;
    if (!work) throw new Error('quota show, or quota set');
    const sources = await open(['compute']);
    try {
      print((await each(sources, (db) => work(db, ids[0] as string))).flat(), values.json);
    } finally {
      await close(sources);
    }
    return;
  }
  const kind = KINDS[name];
  if (values.help || !kind || !['list', 'retry'].includes(verb)) {
    process.stdout.write(`${HELP}\n`);
    process.exitCode = values.help ? 0 : 1;
    return;
  }
  const { service } = values;
  if (service !== undefined && !kind.services.includes(service))
    throw new Error(`--service is ${kind.services.join(' or ')}`);
  const limit = /^\d{1,5}$/.test(values.limit) ? Number(values.limit) : 0;
  if (limit < 1 || limit > 10_000) throw new Error('--limit is a whole number from 1 to 10000');
  if (verb === 'retry' && (values.all ? ids.length : !ids.length)) throw new Error('give ids, or --all');
  const wrong = ids.find((one) => !kind.id.test(one));
  if (wrong !== undefined)
    throw new Error(`${wrong} is no id of ${name === 'jobs' ? 'a job' : 'an event'}: see \`${name} list\``);
  const sources = await open(service === undefined ? kind.services : [service]);
  try {
    if (verb === 'list') {
      const found = await kind.list(sources, limit + 1);
      print(found.slice(0, limit), values.json);
      if (found.length > limit) process.stderr.write(`these are the oldest ${limit}; there are more: --limit\n`);
      return;
    }
    const retried = await kind.retry(sources, values.all ? 'all' : ids);
    print([{ retried }], values.json);
    if (!values.all && retried < ids.length)
      throw new Error(`${ids.length - retried} of these ids are not in the list`);
  } finally {
    await close(sources);
  }
};
try {
  await main();
} catch (err) {
  const { message } = err as Error;
  const settings = SERVICES.map(setting).filter((name) => process.env[name] || process.env[`${name}_FILE`]);
  process.stderr.write(
    databaseAway(err)
      ? `the database can not be used (${message}): is Nefos running, is ${settings.join(', ')} right?\n`
      : `${message}\n`,
  );
  process.exitCode = 1;
}
