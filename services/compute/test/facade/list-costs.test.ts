import { sql, type Db } from '@nefos/service-kit';
import { findVisibleImage, listImages } from '../../src/catalog/store/images.js';
import { listNetworks } from '../../src/catalog/store/networks.js';
import { listSubnets } from '../../src/catalog/store/subnets.js';
import { listDone } from '../../src/facade-compute/store/server-history.js';
import { pageOfServers, NOT_DELETED } from '../../src/facade-compute/store/servers.js';
import { pageOfImages, type ImageScope } from '../../src/facade-image/store/images.js';
import * as network from '../../src/facade-network/store/resources.js';
import { volumeList, snapshotList, backupList } from '../../src/facade-volume/store/lists.js';
import { keysetPage, ofClients, type KeysetRequest, type SortKey } from '../../src/lists/keyset.js';
import type { Condition } from '../../src/lists/list-query.js';
import { FLAVOR, IMAGE, NETWORK, useCloud } from '../cloud-support.js';

/** A node of a plan as PostgreSQL tells it. */
interface PlanNode {
  'Relation Name'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  'Rows Removed by Index Recheck'?: number;
  Plans?: PlanNode[];
}
const rowsOf = (node: PlanNode): number =>
  (node['Relation Name'] === undefined
    ? 0
    : (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0)) *
      node['Actual Loops']) + (node.Plans ?? []).reduce((sum, one) => sum + rowsOf(one), 0);
/** How many rows of tables the statements of `work` look at. */
const costOf = async (db: Db, work: (q: Db) => Promise<unknown>): Promise<number> => {
  let rows = 0;
  const query = async (one: { text: string; values: unknown[]; name?: string }) => {
    const { name: _name, ...statement } = one;
    const { rows: found } = await db.pool.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>({
      ...statement,
      text: `explain (analyze, format json) ${one.text}`,
    });
    rows += rowsOf((found[0] as { 'QUERY PLAN': [{ Plan: PlanNode }] })['QUERY PLAN'][0].Plan);
    return db.pool.query(statement);
  };
  await work({ ...db, pool: { query } } as never);
  return rows;
};

/** Of others there are many; what the project sees is little beside them. */
const OTHERS = 12_000;
const OWN = 60;
const PUBLIC = 500;
const SHARED = 40;
const LIMIT = 10;
const TAGS = `case when n % 1000 = 0 then array['rare'] else '{}' end`;
const PROPERTIES = `case when n % 1000 = 0 then '{"shape": "odd"}'::jsonb else '{}' end`;
const image = (project: string, visibility: string, more = { name: `'seen-' || n`, hidden: 'false' }): string =>
  `insert into image (id, region_id, project_id, name, visibility, hidden, status, size, tags, properties, disk_format,
    container_format, created_at, updated_at)
  select gen_random_uuid(), 'Region1', ${project}, ${more.name}, ${visibility}, ${more.hidden},
    case when n % 50 = 0 then 'queued' else 'active' end, 1000 + n % 97, ${TAGS}, ${PROPERTIES},
    case when n % 3 = 0 then 'raw' else 'qcow2' end, case when n % 5 > 0 then 'bare' end,
    now() - n * interval '1 s', now() - (n % 400) * interval '1 min' from generate_series(1, $1::int) n`;

describe('a page of a long list costs the page', () => {
  const { service } = useCloud();
  let project = '';
  let other = '';
  const projectOf = async (client: number): Promise<string> =>
    (
      await sql<{ id: string }>(
        service.db,
        'select j.id from project j join service s on s.id = j.service_id where s.client_id = $1',
        [client],
      )
    )[0]?.id ?? '';
  beforeAll(async () => {
    const { db, ownClient, otherClient } = service;
    [project, other] = [await projectOf(ownClient), await projectOf(otherClient)];
    const [mine, theirs] = [`'${project}'`, `'${other}'`];
    // By name others' come first, and by age they lie between.
    const first = { name: `'another-' || n`, hidden: 'false' };
    await sql(db, image(theirs, `case when n % 2 = 0 then 'private' else 'shared' end`, first), [OTHERS]);
    await sql(db, image(theirs, `'community'`, first), [PUBLIC]);
    await sql(db, image('null', `'public'`), [PUBLIC]);
    await sql(db, image('null', `'public'`, { name: `'hidden-' || n`, hidden: 'true' }), [PUBLIC]);
    await sql(db, image(mine, `(array['private', 'shared', 'community'])[1 + n % 3]`), [OWN]);
    await sql(
      db,
      `insert into image_member (image_id, project_id, status)
      select id, $1, case when row_number() over () % 2 = 0 then 'pending' else 'accepted' end
      from (select id from image where visibility = 'shared' and project_id = $2 order by name limit $3) x`,
      [project, other, 2 * SHARED],
    );
    // Memberships keep the names of their images.
    await sql(db, `update image set name = 'renamed-' || name where visibility = 'shared' and name like '%4'`);
    const each = (columns: string, values: string, table: string, last = OTHERS) =>
      sql(
        db,
        `insert into ${table} (id, ${columns}) select gen_random_uuid(), ${values} from generate_series(1, ${last}) n`,
      );
    for (const [client, its, count] of [
      [otherClient, 'md5((n % 200)::text)', OTHERS],
      [ownClient, mine, OWN],
    ] as const) {
      const made = `now() - n * interval '1 s'`;
      const named = `'Region1', ${its}, 'a' || n, ${made}`;
      await each(
        'region_id, project_id, name, created_at, client_id, flavor_id, networks, vm_state',
        `${named}, ${client}, '${FLAVOR}', '{}', 'active'`,
        'instance',
        count,
      );
      for (const table of ['volume', 'volume_snapshot', 'volume_backup'])
        await each(
          `region_id, project_id, name, created_at, client_id, size_gb, status${table === 'volume' ? '' : ', volume_id'}`,
          `${named}, ${client}, 1, 'available'${table === 'volume' ? '' : `, (select id from volume where client_id = ${client} limit 1)`}`,
          table,
          count,
        );
      await each('region_id, project_id, name, created_at', named, 'network', count);
      await each('region_id, project_id, name, created_at', named, 'router', count);
      await each('region_id, project_id, name, created_at', named, 'security_group', count);
      await each(
        'region_id, project_id, name, created_at, network_id, mac_address, status',
        `${named}, '${NETWORK}', 'fa:16:3e:${client === ownClient ? '01' : '00'}:' ||
          regexp_replace(lpad(to_hex(n), 4, '0'), '(..)(..)', '\\1:\\2'), 'ACTIVE'`,
        'port',
        count,
      );
      await each(
        'region_id, project_id, created_at, network_id, status',
        `'Region1', ${its}, ${made}, '${NETWORK}', 'DOWN'`,
        'floating_ip',
        count,
      );
    }
    await sql(
      db,
      `insert into subnet (id, network_id, name, cidr) select gen_random_uuid(), id, name, '10.0.0.0/24' from network
      where name like 'a%'`,
    );
    // Each machine of others has one; that of the project has some, and others lie between.
    await sql(
      db,
      `insert into operation (id, instance_id, client_id, action, type, status, previous_state, created_at, deadline_at,
        next_check_at)
      select gen_random_uuid(), i.id, i.client_id, 'stop', 'stop', 'completed', 'active', i.created_at, now(), now()
      from instance i, generate_series(1, case when i.client_id <> $1 then 1 when i.name = 'a1' then $2 else 0 end)`,
      [ownClient, OWN],
    );
    await sql(db, 'analyze');
  });

  const KEYS = ['created_at', 'updated_at', 'name', 'status', 'size', 'id', 'container_format', 'disk_format'];
  const usual: Condition = { sql: 'not m.hidden', values: [] };
  const ask = (sort: SortKey[], more: Partial<KeysetRequest> = {}): KeysetRequest => ({
    limit: LIMIT,
    marker: undefined,
    sort,
    conditions: [usual],
    ...more,
  });
  const seen = (more: Partial<ImageScope> = {}): ImageScope => ({
    projectId: project,
    memberStatus: 'accepted',
    visibility: undefined,
    ...more,
  });
  const idsOf = async (request: KeysetRequest, scope: ImageScope): Promise<string[]> => {
    const page = await pageOfImages(service.db, request, scope);
    if (page === 'no_marker') throw new Error('no such marker');
    return page.rows.map(({ id }) => id);
  };
  /** What a page may read: its rows in each part, once more for the answer, and what bounds the project's own parts. */
  const MOST = 6 * (LIMIT + 1) + 2 * OWN + 4 * SHARED;
  const orders = KEYS.flatMap((key) => [false, true].map((descending): SortKey[] => [{ key, descending }]));
  const named = (sort: readonly SortKey[]): string =>
    sort.map(({ key, descending }) => `${key}:${descending ? 'desc' : 'asc'}`).join(',');

  it('what the measure says of a statement that reads a table', async () => {
    expect(
      await costOf(service.db, (q) => sql(q, `select 1 from image where name || '' = 'x' limit 1`, [])),
    ).toBeGreaterThan(OTHERS);
  });
  it.each(orders.map((sort) => [named(sort), sort] as const))('images by %s', async (_name, sort) => {
    const costs: Record<string, number> = {};
    for (const [what, scope] of Object.entries({
      usual: seen(),
      all: seen({ visibility: 'all' }),
      public: seen({ visibility: 'public' }),
      community: seen({ visibility: 'community' }),
      private: seen({ visibility: 'private' }),
      shared: seen({ visibility: 'shared' }),
      pending: seen({ visibility: 'shared', memberStatus: 'pending' }),
      nobody: seen({ projectId: '0'.repeat(32) }),
      administrator: seen({ projectId: null }),
    })) {
      costs[what] = await costOf(service.db, (q) => pageOfImages(q, ask(sort), scope));
      const marker = (await idsOf(ask(sort), scope)).at(-1);
      if (marker !== undefined)
        costs[`${what}, behind a marker`] = await costOf(service.db, (q) =>
          pageOfImages(q, ask(sort, { marker }), scope),
        );
    }
    expect(Object.entries(costs).filter(([, cost]) => cost > MOST)).toEqual([]);
  });
  it.each(
    [
      ...orders,
      [
        { key: 'status', descending: false },
        { key: 'name', descending: true },
      ],
    ].map((sort) => [named(sort), sort] as const),
  )('page by page by %s: each image once, in one order', async (_name, sort) => {
    for (const scope of [seen(), seen({ visibility: 'all', memberStatus: 'all' })]) {
      const [limit, found] = [97, [] as string[]];
      for (let marker: string | undefined; ; marker = found.at(-1)) {
        const page = await idsOf(ask(sort, { limit, marker, conditions: [] }), scope);
        found.push(...page);
        if (page.length < limit) break;
      }
      const columns = sort.map(
        ({ key, descending }) => `${/format/.test(key) ? `coalesce(${key}, '')` : key}${descending ? ' desc' : ''}`,
      );
      const expected = await sql<{ id: string }>(
        service.db,
        `select id from image m where visibility = 'public' or project_id = $1 or ($3 and visibility = 'community')
            or (visibility = 'shared' and exists (select from image_member x where x.image_id = m.id
              and x.project_id = $1 and x.status = any($2)))
          order by ${columns.join(', ')}, id${sort.at(-1)?.descending ? ' desc' : ''}`,
        [project, scope.memberStatus === 'all' ? ['accepted', 'pending'] : ['accepted'], scope.visibility === 'all'],
      );
      expect(found).toEqual(expected.map(({ id }) => id));
    }
  });
  it.each<[string, Condition]>([
    ['name', { sql: 'm.name = any($::text[])', values: [['seen-7']] }],
    ['status', { sql: 'm.status = any($::text[])', values: [['killed']] }],
    ['owner', { sql: 'm.project_id = $::text', values: ['f'.repeat(32)] }],
    ['tag', { sql: `m.tags <> '{}' and m.tags @> $::text[]`, values: [['nothing']] }],
    ['property', { sql: `m.properties <> '{}' and m.properties @> $::jsonb`, values: ['{"shape":"none"}'] }],
    ['size_min', { sql: 'm.size >= $::bigint', values: [1_000_000] }],
    ['updated_at', { sql: 'm.updated_at >= to_timestamp($::float8)', values: [4_102_444_800] }],
    ['os_hidden', { sql: 'm.hidden = $::boolean', values: [true] }],
  ])('images by a filter that few of many pass: %s', async (name, condition) => {
    const conditions = name === 'os_hidden' ? [condition] : [usual, condition];
    for (const scope of [seen(), seen({ projectId: null })])
      for (const key of ['created_at', 'name']) {
        const cost = await costOf(service.db, (q) =>
          pageOfImages(q, ask([{ key, descending: false }], { conditions }), scope),
        );
        expect([name, key, cost, cost <= MOST]).toEqual([name, key, cost, true]);
      }
  });

  const rows = { limit: LIMIT, marker: undefined, conditions: [] };
  it.each(['network', 'subnet', 'port', 'router', 'floating', 'group', 'rule'] as const)(
    '%s: a project’s, and everybody’s',
    async (what) => {
      const store = network[`${what}Store`];
      const mine = [service.ownClient];
      for (const sort of [[], [{ key: 'created_at', descending: true }]]) {
        expect(await costOf(service.db, (q) => network.pageOf(q, store, { ...rows, sort }, mine))).toBeLessThan(
          6 * OWN,
        );
        if (sort.length === 0)
          expect(await costOf(service.db, (q) => network.pageOf(q, store, { ...rows, sort }, null))).toBeLessThan(
            6 * OWN,
          );
      }
    },
  );
  it('the portal’s own lists count what a client sees, not what others have', async () => {
    const clientIds = [service.ownClient];
    const visible = PUBLIC * 2 + OWN + SHARED * 2;
    const query = { page_size: '10' };
    const costs = {
      images: await costOf(service.db, (q) => listImages(q, query, { clientIds })),
      'one image': await costOf(service.db, (q) => findVisibleImage(q, IMAGE, clientIds)),
      networks: await costOf(service.db, (q) => listNetworks(q, query, { clientIds })),
      subnets: await costOf(service.db, (q) => listSubnets(q, query, { clientIds })),
    };
    expect(Object.entries(costs).filter(([, cost]) => cost > 4 * visible)).toEqual([]);
    expect(costs['one image']).toBeLessThan(OWN);
  });
  it('volumes, snapshots, backups', async () => {
    const sort = [{ key: 'created_at', descending: true }];
    for (const spec of [volumeList, snapshotList, backupList])
      for (const scope of [
        [ofClients('x.client_id', [service.ownClient])],
        [ofClients('x.client_id', [service.otherClient])],
        [],
      ])
        expect(await costOf(service.db, (q) => keysetPage(q, spec, { ...rows, sort }, scope))).toBeLessThan(4 * LIMIT);
  });
  it('what was done to a server: at most its own history', async () => {
    const [machine] = await sql<{ id: string }>(
      service.db,
      `select id from instance where name = 'a1' and client_id = $1`,
      [service.ownClient],
    );
    const of = { instanceId: machine?.id ?? '', clientId: service.ownClient };
    let done: Awaited<ReturnType<typeof listDone>> = 'no_marker';
    const cost = await costOf(service.db, async (q) => {
      done = await listDone(q, of, { limit: LIMIT, marker: undefined });
    });
    expect([done, cost < 6 * OWN]).toMatchObject([{ more: true }, true]);
  });
  it('servers', async () => {
    const conditions = [NOT_DELETED];
    for (const key of ['created_at', 'display_name', 'uuid'])
      for (const clients of [[service.ownClient], null]) {
        const request = { ...rows, conditions, sort: [{ key, descending: true }] };
        const cost = await costOf(service.db, (q) => pageOfServers(q, request, clients));
        expect([key, clients, cost < 20 * (LIMIT + 1) + OWN]).toEqual([key, clients, true]);
      }
  });
});
