// The operator's commands on compute's database: `npm run nefos -- outbox list` and so on. scripts/nefos.mjs starts it.
import { parseArgs } from 'node:util';
import { createLog, deadJobs, keptEvents, openDatabase, retryEvents, retryJobs, type Db } from '@nefos/service-kit';

const HELP = `outbox list            events that metering refused, or that were set aside because they alone failed
outbox retry <event>   tells them again: ids from the list, or --all
jobs list              jobs that are out of attempts
jobs retry <job>       runs them again: ids from the list, or --all

  --json               for scripts
  --limit <n>          how many are listed (100)`;
/** What can be kept: how it is listed, how it is tried again, what its ids look like. */
const KINDS: Record<string, { list: (db: Db, limit: number) => Promise<object[]>; retry: (db: Db, ids: string[] | 'all') => Promise<number>; id: RegExp }> = {
  outbox: { list: keptEvents, retry: retryEvents, id: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/ },
  jobs: { list: deadJobs, retry: retryJobs, id: /^[1-9]\d{0,17}$/ },
};
const say = (rows: readonly object[], json: boolean): void => {
  if (json) process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
  else if (rows.length) console.table(rows);
  else process.stdout.write('(none)\n');
};

const main = async (): Promise<void> => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      all: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h' },
      limit: { type: 'string', default: '100' },
    },
  });
  const [name = '', verb = '', ...ids] = positionals;
  const kind = KINDS[name];
  if (values.help || !kind || !['list', 'retry'].includes(verb)) {
    process.stdout.write(`${HELP}\n`);
    process.exitCode = values.help ? 0 : 1;
    return;
  }
  const limit = Number(values.limit);
  if (!Number.isInteger(limit) || limit < 1 || limit > 10_000) throw new Error('--limit is a whole number from 1 to 10000');
  if (verb === 'retry' && (values.all ? ids.length : !ids.length)) throw new Error('give ids, or --all');
  const wrong = ids.find((one) => !kind.id.test(one));
  if (wrong !== undefined) throw new Error(`${wrong} is no id of ${name === 'jobs' ? 'a job' : 'an event'}: see \`${name} list\``);
  const url = process.env.NEFOS_COMPUTE_DATABASE_URL;
  if (!url) throw new Error('NEFOS_COMPUTE_DATABASE_URL is not set');
  const db = await openDatabase({ url, poolSize: 2, applicationName: 'nefos-compute-cli', log: createLog('compute-cli', 'error') });
  try {
    if (verb === 'list') {
      say(await kind.list(db, limit), values.json);
      return;
    }
    const again = await kind.retry(db, values.all ? 'all' : ids);
    say([{ retried: again }], values.json);
    if (!values.all && again < ids.length) throw new Error(`${ids.length - again} of these ids are not in the list`);
  } finally {
    await db.close();
  }
};
try {
  await main();
} catch (err) {
  process.stderr.write(`${(err as Error).message}\n`);
  process.exitCode = 1;
}
