// The concurrency report at three sizes, beside the original's algorithm on the same rows, and the rate at which events are taken.
import { spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import * as fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { makeDatabases, startLocalPg } from '../local-postgres.mjs';
import { originalUsage } from './lib-original-usage.mjs';

const root = path.resolve(import.meta.dirname, '../..');
const TOKEN = 'bench-component-token-00000000000';
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const identityHeader = (number) => ({
  'X-RH-IDENTITY': Buffer.from(JSON.stringify({ identity: { account_number: number } })).toString('base64'),
});

/** Says of every token that it is compute's. */
const startIdentity = async () => {
  const server = http.createServer((req, res) => {
    const body = JSON.stringify({
      token: {
        methods: ['token'],
        issued_at: '2026-01-01T00:00:00.000000Z',
        expires_at: null,
        audit_ids: ['bench'],
        user: { id: 'component:nefos-compute', name: 'nefos-compute', domain: { id: 'default', name: 'Default' } },
        roles: [{ id: 'events.send', name: 'events.send' }],
      },
    });
    res.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) }).end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
};
const freePort = async () => {
  const server = http.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  return port;
};
const agent = new http.Agent({ keepAlive: true, maxSockets: 8 });
const call = (port, method, target, headers = {}, body = undefined) =>
  new Promise((resolve, reject) => {
    const sent = { ...headers, ...(body && { 'Content-Type': 'application/json', 'Content-Length': body.length }) };
    const req = http.request(
      { port, host: '127.0.0.1', method, path: target, headers: sent, agent, timeout: 120_000 },
      (res) => {
        const parts = [];
        res.on('data', (part) => parts.push(part));
        res.on('error', reject);
        res.on('end', () => {
          const bytes = Buffer.concat(parts);
          if (res.statusCode === 200) resolve(bytes);
          else reject(new Error(`${method} ${target}: ${res.statusCode} ${bytes.toString().slice(0, 300)}`));
        });
      },
    );
    req.on('timeout', () => req.destroy(new Error(`${target}: no answer`)));
    req.on('error', reject);
    req.end(body);
  });
const startService = async (url, identity) => {
  const port = await freePort();
  const env = {
    PATH: process.env.PATH,
    NEFOS_METERING_DATABASE_URL: url,
    NEFOS_METERING_TOKEN: TOKEN,
    NEFOS_METERING_PORT: String(port),
    NEFOS_IDENTITY_URL: `http://127.0.0.1:${identity.address().port}`,
    NEFOS_LOG_LEVEL: 'error',
  };
  const child = spawn(process.execPath, [path.join(root, 'services/metering/dist/main.js')], {
    env,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => {
      throw new Error('metering did not start');
    }),
  ]);
  return {
    port,
    stop: async () => {
      const gone = once(child, 'exit');
      child.kill();
      await gone;
    },
  };
};

const FIRST = '2019-06-01';
const DAYS = 30;
const RANGE = `start_date=${FIRST}&end_date=2019-07-01&limit=100`;
const INSPECTION =
  '{"rhel_enabled_repos_found": true, "rhel_version": "7.7", "syspurpose": {"role": "Red Hat Enterprise Linux Server", "service_level_agreement": "Premium", "usage": "Development/Test"}}';
/**
 * A user with `instances` instances of RHEL and `runs` runs each over 30 days: each starts in the first 30 % of its slot and takes up
 * to `share` of the slot (contract §14).
 */
const load = async (db, number, instances, runs, share) => {
  const {
    rows: [{ id: user }],
  } = await db.query('insert into app_user (account_number) values ($1) returning id', [number]);
  const aws = String(100_000_000_000 + Number(user));
  await db.query(
    `with w as (insert into aws_cloud_account (aws_account_id, account_arn) values ($1::text, $1) returning id) insert into cloud_account (user_id, name, aws_cloud_account_id) select $2::bigint, 'bench', id from w`,
    [aws, user],
  );
  await db.query(
    `with w as (insert into aws_machine_image (ec2_ami_id) select $1::text || '-' || i from generate_series(1, 10) i returning id)
    insert into machine_image (aws_machine_image_id, inspection_json, status, rhel_detected, rhel_version, syspurpose) select id, $2::text, 'inspected', true, '7.7', ($2::text::json -> 'syspurpose')::text from w`,
    [`ami-${number}`, INSPECTION],
  );
  await db.query(
    `with w as (insert into aws_instance (ec2_instance_id, region) select 'i-' || substr(md5($1::text || i), 1, 17), 'us-east-1' from generate_series(1, $2::int) i returning id),
    images as (select array_agg(m.id order by m.id) ids from machine_image m join aws_machine_image a on a.id = m.aws_machine_image_id where a.ec2_ami_id like $3::text)
    insert into instance (user_id, cloud_account_id, machine_image_id, aws_instance_id) select $4::bigint, (select max(id) from cloud_account where user_id = $4), images.ids[1 + w.id % 10], w.id from w, images`,
    [number, instances, `ami-${number}-%`, user],
  );
  await db.query('select setseed(0.5)');
  await db.query(
    `insert into run (user_id, cloud_account_id, instance_id, start_time, end_time, instance_type, vcpu, memory)
    select user_id, cloud_account_id, id, s, s + random() * $3::float8 * interval '30 days' / $2::int, 'c5.xlarge', 4, 8 from (
      select i.*, timestamptz '${FIRST} 00:00:00+00' + (n + random() * 0.3) * interval '30 days' / $2::int s from instance i, generate_series(0, $2::int - 1) n where i.user_id = $1 offset 0) x order by s`,
    [user, runs, share],
  );
  await db.query('analyze');
  return user;
};
const report = async (port, number) => {
  const started = performance.now();
  const bytes = await call(port, 'GET', `/v2/concurrent/?${RANGE}`, identityHeader(number));
  return { ms: performance.now() - started, bytes };
};
const measure = async (port, number, rounds = 5) => {
  const { bytes } = await report(port, number); // warm
  const times = [];
  for (let i = 0; i < rounds; i += 1) times.push((await report(port, number)).ms);
  return { ms: median(times), bytes };
};

const benchReports = async (db, port) => {
  const sizes = [1_000, 10_000, 100_000];
  const times = [];
  for (const n of sizes) {
    await load(db, `bench-${n}`, n, 2, 0.6);
    times.push(await measure(port, `bench-${n}`, n > 50_000 ? 3 : 5));
  }
  const [small, middle, large] = times;
  const nlogn = (a, b) => (b * Math.log(b)) / (a * Math.log(a));
  const growth = large.ms / small.ms / nlogn(sizes[0], sizes[2]);
  return [
    {
      name: 'concurrency, 30 days, 10,000 instances x 2 runs',
      value: `${middle.ms.toFixed(0)} ms`,
      target: '<= 500 ms',
      ok: middle.ms <= 500,
      detail: `${(middle.bytes.length / 1e6).toFixed(1)} MB of answer`,
    },
    {
      name: 'its growth from 1,000 to 100,000 instances, to n log n',
      ratio: growth,
      target: '<= 1',
      ok: growth <= 1,
      detail: times
        .map((t, i) => `${sizes[i]}: ${t.ms.toFixed(0)} ms, ${(t.bytes.length / 1e6).toFixed(1)} MB`)
        .join('; '),
    },
  ];
};
/** The same numbers as the original's, and how much sooner. */
const benchOriginal = async (db, port) => {
  const results = [];
  for (const [name, runs, target] of [
    ['2 runs each in 30 days', 2, undefined],
    ['2 runs a day', 60, 300],
  ]) {
    const number = `bench-original-${runs}`;
    const user = await load(db, number, 100, runs, 0.6);
    const rounds = [];
    for (let round = 0; round < 3; round += 1) {
      const ours = await measure(port, number, 9);
      const started = performance.now();
      rounds.push({ ours, original: await originalUsage(db, user, FIRST, DAYS), theirs: performance.now() - started });
    }
    const [
      {
        ours,
        original: { days, queries },
      },
    ] = rounds;
    const sorted = (all) =>
      all.map((d) => ({ ...d, instances_list: d.instances_list.map((e) => e.cloud_instance_id).sort() }));
    const equal = JSON.stringify(sorted(JSON.parse(ours.bytes.toString()).data)) === JSON.stringify(sorted(days));
    if (!equal) throw new Error("the report differs from the original's");
    const ratio = median(rounds.map((r) => r.theirs / r.ours.ms));
    results.push({
      name: `concurrency, 100 instances x ${name}, to the original's algorithm`,
      ratio,
      target: target ? `>= ${target} x` : 'no target',
      ok: !target || ratio >= target,
      detail: `${rounds.map((r) => `${r.ours.ms.toFixed(1)} ms of ${r.theirs.toFixed(0)} ms`).join(', ')}; the original's ${queries} queries; equal results`,
    });
  }
  return results;
};

const BATCH = 1000;
/** Lives of instances: on, off, on … a minute apart; of 50 clients, in the order in which compute would tell them. */
const makeEvents = (instances, each) => {
  const fleet = Array.from({ length: instances }, (_, i) => ({ id: randomUUID(), client: `client-${i % 50}` }));
  const identities = Array.from({ length: 50 }, () => randomUUID());
  return Array.from({ length: each }, (_, n) =>
    fleet.map(({ id, client }, i) => ({
      id: randomUUID(),
      type: n % 2 ? 'instance.power_off' : 'instance.power_on',
      sequence: n + 1,
      occurred_at: new Date(Date.UTC(2026, 0, 1) + n * 60_000 + i).toISOString(),
      account: { number: client, name: client, identities: [identities[i % 50]] },
      instance: {
        id,
        region: 'RegionOne',
        instance_type: 'm1.small',
        vcpu: 1,
        memory: 2,
        image: { id: 'a1b2c3', name: 'Debian 12', os_distro: 'debian' },
      },
    })),
  ).flat();
};
/** Tells all batches over a few connections; every fourth one twice, at the same time. */
const tell = async (port, events, connections = 3) => {
  const batches = [];
  for (let i = 0; i < events.length; i += BATCH)
    batches.push(Buffer.from(JSON.stringify({ events: events.slice(i, i + BATCH) })));
  const queue = batches.flatMap((body, i) => (i % 4 ? [body] : [body, body]));
  const statuses = {};
  const headers = { 'X-Auth-Token': TOKEN };
  const worker = async () => {
    for (let body = queue.shift(); body; body = queue.shift())
      for (const { status } of JSON.parse((await call(port, 'POST', '/internal/v1/events', headers, body)).toString())
        .results)
        statuses[status] = (statuses[status] ?? 0) + 1;
  };
  await Promise.all(Array.from({ length: connections }, worker));
  return statuses;
};
const benchIngest = async (db, port) => {
  await tell(port, makeEvents(500, 4)); // warm
  const rates = [];
  const instances = 2_000;
  const each = 15;
  for (let round = 0; round < 3; round += 1) {
    const events = makeEvents(instances, each);
    const started = performance.now();
    const statuses = await tell(port, events);
    rates.push((statuses.accepted + statuses.duplicate) / ((performance.now() - started) / 1000));
    const uuids = [...new Set(events.map((e) => e.instance.id))];
    const {
      rows: [{ stored, runs, open, sum }],
    } = await db.query(
      `select (select count(*) from instance_event where event_uuid = any($1::uuid[]))::int stored, count(*)::int runs, count(*) filter (where r.end_time is null)::int open,
      md5(string_agg(n.instance_uuid || extract(epoch from r.start_time)::text || coalesce(extract(epoch from r.end_time)::text, '-'), ',' order by n.instance_uuid, r.start_time)) sum
      from run r join instance i on i.id = r.instance_id join nefos_instance n on n.id = i.nefos_instance_id where n.instance_uuid = any($2::uuid[])`,
      [events.map((e) => e.id), uuids],
    );
    const byInstance = Map.groupBy
      ? Map.groupBy(events, (e) => e.instance.id)
      : events.reduce((m, e) => m.set(e.instance.id, [...(m.get(e.instance.id) ?? []), e]), new Map());
    const epoch = (e) => (Date.parse(e.occurred_at) / 1000).toFixed(6);
    const wanted = [...byInstance]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([id, life]) =>
        life
          .filter((_, n) => n % 2 === 0)
          .map((on, n) => `${id}${epoch(on)}${life[2 * n + 1] ? epoch(life[2 * n + 1]) : '-'}`),
      );
    if (
      stored !== events.length ||
      statuses.accepted !== events.length ||
      runs !== wanted.length ||
      open !== instances ||
      sum !== createHash('md5').update(wanted.join(',')).digest('hex')
    )
      throw new Error(
        `not exactly once: ${JSON.stringify({ stored, runs, open, statuses, events: events.length, wanted: wanted.length })}`,
      );
  }
  const rate = median(rates);
  return [
    {
      name: 'power events taken over HTTP in batches of 1,000, exactly once',
      value: `${Math.round(rate)}/s`,
      target: '>= 10,000/s',
      ok: rate >= 10_000,
      detail: `every fourth batch told twice at once; rounds ${rates.map((r) => Math.round(r)).join(', ')}/s`,
    },
  ];
};

/** @returns {Promise<{name: string, ratio?: number, value?: string, target: string, ok: boolean, detail?: string}[]>} */
export const run = async () => {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'nefos-bench-'));
  fs.chmodSync(dir, 0o755);
  const server = await startLocalPg({ dir, ephemeral: true });
  const identity = await startIdentity();
  let service;
  let db;
  try {
    const { metering: url } = await makeDatabases(server, { metering: 'bench' });
    service = await startService(url, identity);
    db = new pg.Client({ connectionString: url });
    await db.connect();
    return [
      ...(await benchReports(db, service.port)),
      ...(await benchOriginal(db, service.port)),
      ...(await benchIngest(db, service.port)),
    ];
  } finally {
    await db?.end();
    await service?.stop();
    agent.destroy();
    identity.close();
    identity.closeAllConnections();
    await server.stop();
    fs.rmSync(dir, { recursive: true, force: true });
  }
};
