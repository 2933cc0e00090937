import { sql, type Queryable } from '@nefos/service-kit';
import { listRuns, type Page } from '../../src/runs/store/listing.js';
import { listMatches } from '../../src/runs/store/runs.js';
import { listTimedOut } from '../../src/runs/store/unfinished.js';
import { useRuns } from './support.js';

const service = useRuns();
const RUNS = 100_000;
/** How many rows of a table a piece of work reads, however it does: by an index or from end to end. */
const rowsRead = (table: string, work: (q: Queryable) => Promise<unknown>): Promise<number> =>
  service.db.transaction(async (tx) => {
    const count = async (): Promise<number> => {
      await sql(tx, 'select pg_stat_clear_snapshot()');
      const [row] = await sql<{ n: string }>(
        tx,
        `select pg_stat_get_xact_tuples_returned(c) + coalesce((select sum(pg_stat_get_xact_tuples_returned(indexrelid))
          from pg_index where indrelid = c), 0) n from (select $1::regclass c) t`,
        [table],
      );
      return Number(row?.n);
    };
    const before = await count();
    await work(tx);
    return (await count()) - before;
  });
/** In each hundred one has failed and one is starting; the others wait. */
beforeAll(async () => {
  await service.rows(
    `insert into node (uuid, driver) select gen_random_uuid(), 'fake-hardware' from generate_series(1, ${RUNS})`,
  );
  await service.rows(`insert into run (node_uuid, id, state, started_at, manage_boot)
    select uuid, gen_random_uuid(), case id % 100 when 0 then 'error' when 1 then 'starting' else 'waiting' end,
      now() - id * interval '10 milliseconds', false from node`);
  await service.rows(`insert into run_attribute (node_uuid, kind, value)
    select uuid, 'mac', '52:54:' || regexp_replace(lpad(to_hex(id), 8, '0'), '(..)(..)(..)(..)', '\\1:\\2:\\3:\\4') from node`);
  await service.rows('analyze');
}, 120_000);
const last = async (page: Page) => {
  const found = await listRuns(service.db, page);
  return found.at(-1);
};

it.each<[string, Page]>([
  ['the first page', { limit: 200 }],
  ['a page of waiting ones', { limit: 200, states: ['waiting'] }],
  ['a page of rare ones', { limit: 200, states: ['error'] }],
  ['a page of those of several states', { limit: 200, states: ['error', 'starting', 'finished'] }],
])('%s reads some hundred rows of a hundred thousand, so does one far behind', async (_name, page) => {
  const most = 3 * 200 * (page.states?.length ?? 1);
  expect(await rowsRead('run', (q) => listRuns(q, page))).toBeLessThan(most);
  const after = await last({ ...page, limit: 700 });
  expect(await rowsRead('run', (q) => listRuns(q, { ...page, after }))).toBeLessThan(most);
  expect(await listRuns(service.db, { ...page, after })).not.toEqual(await listRuns(service.db, page));
});
it('the rows are counted: of a search from end to end, and of one by an index', async () => {
  expect(await rowsRead('run', (q) => sql(q, 'select max(error) from run'))).toBeGreaterThanOrEqual(RUNS);
  expect(await rowsRead('run', (q) => listRuns(q, { limit: 200 }))).toBeGreaterThanOrEqual(200);
});
it('a machine is found among a hundred thousand by a few rows', async () => {
  const read = await rowsRead('run_attribute', (q) => listMatches(q, [{ kind: 'mac', value: '52:54:00:00:12:34' }]));
  expect(read).toBeLessThan(10);
});
it('runs that timed out are found by a few rows', async () => {
  expect(await rowsRead('run', (q) => listTimedOut(q, 3600))).toBeLessThan(10);
});
