// The list of a client's instances with few and with many instances in the table, and how soon the driver hears of a create.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import * as fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { makeDatabases, startLocalPg } from '../local-postgres.mjs';

const root = path.resolve(import.meta.dirname, '../..');
const TOKEN = 'b'.repeat(40);
const STAFF = randomUUID();
const FLAVOR = randomUUID();
const IMAGE = randomUUID();
const NETWORK = randomUUID();
const FIRST_CLIENT = 100_000;
const EACH = 20;
const OWNER_OF_MANY = 99_999;
const MANY = 20_000;
const at = (values, share) =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))];
const median = (values) => at(values, 0.5);

/** Says of every token that it is the staff user's; takes every event. */
const startPeers = async () => {
  const token = JSON.stringify({
    token: {
      methods: ['token'],
      issued_at: '2026-01-01T00:00:00.000000Z',
      expires_at: null,
      audit_ids: ['bench'],
      user: { id: STAFF, name: 'bench', domain: { id: 'default', name: 'Default' } },
      roles: [],
    },
  });
  const server = http.createServer(async (req, res) => {
    const parts = [];
    for await (const part of req) parts.push(part);
    const body =
      req.url === '/internal/v1/events'
        ? JSON.stringify({
            results: JSON.parse(Buffer.concat(parts)).events.map(({ id }) => ({ id, status: 'accepted' })),
          })
        : token;
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
const agent = new http.Agent({ keepAlive: true, maxSockets: 4 });
const call = (port, method, target, json) =>
  new Promise((resolve, reject) => {
    const body = json && Buffer.from(JSON.stringify(json));
    const req = http.request(
      {
        port,
        host: '127.0.0.1',
        method,
        path: target,
        agent,
        timeout: 30_000,
        headers: {
          Authorization: `Token ${TOKEN}`,
          ...(body && { 'Content-Type': 'application/json', 'Content-Length': body.length }),
        },
      },
      (res) => {
        const parts = [];
        res.on('data', (part) => parts.push(part));
        res.on('error', reject);
        res.on('end', () => {
          const text = Buffer.concat(parts).toString();
          if (res.statusCode < 300) resolve(JSON.parse(text));
          else reject(new Error(`${method} ${target}: ${res.statusCode} ${text.slice(0, 300)}`));
        });
      },
    );
    req.on('timeout', () => req.destroy(new Error(`${target}: no answer`)));
    req.on('error', reject);
    req.end(body);
  });
const startService = async (dir, url, peers, worker) => {
  const port = await freePort();
  const peer = `http://127.0.0.1:${peers.address().port}`;
  const bootstrap = path.join(dir, 'bootstrap.json');
  fs.writeFileSync(
    bootstrap,
    JSON.stringify({
      compute: {
        users: [
          {
            uuid: STAFF,
            username: 'bench',
            email: 'bench@example.com',
            first_name: 'B',
            last_name: 'B',
            is_staff: true,
          },
        ],
      },
    }),
  );
  const env = {
    PATH: process.env.PATH,
    NEFOS_COMPUTE_DATABASE_URL: url,
    NEFOS_COMPUTE_TOKEN: 'bench-component-token-00000000000',
    NEFOS_COMPUTE_PORT: String(port),
    NEFOS_COMPUTE_WORKER: worker,
    NEFOS_COMPUTE_SIM_LATENCY_MS: '0',
    NEFOS_IDENTITY_URL: peer,
    NEFOS_METERING_URL: peer,
    NEFOS_BOOTSTRAP_FILE: bootstrap,
    NEFOS_LOG_LEVEL: 'error',
  };
  const child = spawn(process.execPath, [path.join(root, 'services/compute/dist/main.js')], {
    env,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => {
      throw new Error('compute did not start');
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

/** A region and `instances` running instances, twenty of each client; and, if wanted, one client more with very many. */
const load = async (url, instances, many) => {
  const db = new pg.Client({ connectionString: url });
  await db.connect();
  try {
    const clients = Math.max(10, instances / EACH);
    await db.query(`insert into region (id) values ('Bench')`);
    await db.query(
      `insert into flavor (id, region_id, name, vcpus, memory_mb, root_gb) values ($1, 'Bench', 'm1.bench', 1, 64, 1)`,
      [FLAVOR],
    );
    await db.query(`insert into image (id, region_id, name) values ($1, 'Bench', 'bench')`, [IMAGE]);
    await db.query(`insert into network (id, region_id, name, shared) values ($1, 'Bench', 'bench', true)`, [NETWORK]);
    await db.query(
      `insert into subnet (id, network_id, name, cidr) values (gen_random_uuid(), $1, 'bench', '10.0.0.0/18')`,
      [NETWORK],
    );
    await db.query(
      `insert into client (id, first_name, last_name, email, address1, city, country, zip_code, phone, currency, configuration_id) select n, 'Client', n::text, 'x@example.com', 'x', 'x', 'US', '1', '1', 'EUR', f.id from configuration f, (select generate_series($1::int, $2::int) n union select $3) c where f.is_default`,
      [FIRST_CLIENT, FIRST_CLIENT + clients - 1, OWNER_OF_MANY],
    );
    await db.query(`with s as (insert into service (client_id, product_id, product_cycle_id, product_type, display_name, status, activated_at) select c.id, p.id, y.id, p.product_type, p.name, 'active', now() from client c, product p join product_cycle y on y.product_id = p.id and y.currency = 'EUR' where p.code = 'openstack' returning id, client_id)
      insert into project (id, service_id, name) select md5(client_id::text), id, 'bench' from s`);
    const insert = (count, client) =>
      db.query(
        `insert into instance (id, client_id, project_id, region_id, flavor_id, image_id, networks, name, vm_state, power_state, metered_on, launched_at, created_at, access_ip, host_name)
      select gen_random_uuid(), c, md5(c::text), 'Bench', $1, $2, array[$3::uuid], 'bench-' || n, 'active', 1, true, now(), now() - n * interval '1 s', '10.0.0.1', 'bench' from (select n, ${client} c from generate_series(0, $4::int - 1) n) x`,
        [FLAVOR, IMAGE, NETWORK, count],
      );
    await insert(instances, `${FIRST_CLIENT} + n % ${clients}`);
    if (many) await insert(many, String(OWNER_OF_MANY));
    await db.query('vacuum analyze');
  } finally {
    await db.end();
  }
};

const listOf = (client) => `/staffapi/openstack/instances?filtering=project__service__client__id:${client}`;
/** Times of one after the other, milliseconds. */
const timeLists = async (port, clientAt, count, total) => {
  const times = [];
  for (let i = 0; i < count; i += 1) {
    const started = performance.now();
    const body = await call(port, 'GET', listOf(clientAt(i)));
    times.push(performance.now() - started);
    if (body.objects.length !== EACH || body.totalCount !== total)
      throw new Error(`${body.objects.length} of ${body.totalCount} instances listed`);
  }
  return times;
};
const benchLists = async (small, big, bigClients) => {
  const rounds = 5;
  const count = 400;
  const seen = { small: [], big: [], many: [] };
  for (let round = -1; round < rounds; round += 1) {
    // the first warms
    const few = await timeLists(small.port, (i) => FIRST_CLIENT + (i % 10), count, EACH);
    const lots = await timeLists(big.port, (i) => FIRST_CLIENT + ((i * 7919) % bigClients), count, EACH);
    const many = await timeLists(big.port, () => OWNER_OF_MANY, 50, MANY);
    if (round >= 0) {
      seen.small.push(at(few, 0.99));
      seen.big.push(at(lots, 0.99));
      seen.many.push(at(many, 0.99));
    }
  }
  const [few, lots, many] = [median(seen.small), median(seen.big), median(seen.many)];
  const ratio = lots / few;
  return [
    {
      name: "p99 of a client's 20 instances, 200,000 in the table, to 200",
      ratio,
      target: '<= 2 x',
      ok: ratio <= 2,
      detail: `${lots.toFixed(1)} ms to ${few.toFixed(1)} ms`,
    },
    {
      name: 'p99 of the first page of a client with 20,000 instances',
      value: `${many.toFixed(1)} ms`,
      target: 'none',
      ok: true,
    },
  ];
};
const benchCreate = async (url, port) => {
  const count = 150;
  const body = (client) => ({
    region: 'Bench',
    client,
    name: 'bench',
    flavor: FLAVOR,
    nics: [NETWORK],
    boot_source: { source_type: 'image', source_id: IMAGE },
  });
  const db = new pg.Client({ connectionString: url });
  await db.connect();
  try {
    await db.query('delete from instance'); // what fills the quota
    const ids = [];
    for (let i = 0; i < count; i += 1) {
      ids.push((await call(port, 'POST', '/staffapi/openstack/instances', body(FIRST_CLIENT + (i % 10)))).id);
      if (i % 10 === 9)
        await db.query(`update instance set vm_state = 'deleted', task_state = null where vm_state = 'active'`); // room in the quota
      await new Promise((r) => {
        setTimeout(r, 20);
      });
    }
    // Both instants are the database's: the beginning of the request's transaction, and of the driver's.
    const { rows } = await db.query(
      'select extract(epoch from m.created_at - o.created_at)::float8 * 1000 ms from operation o join sim_machine m on m.portal_id = o.instance_id where o.instance_id = any($1)',
      [ids],
    );
    const times = rows.map((row) => row.ms);
    if (times.length !== count) throw new Error(`${times.length} of ${count} machines were made`);
    const p50 = median(times);
    return [
      {
        name: "from accepted create to the driver's call, p50",
        value: `${p50.toFixed(1)} ms`,
        target: '<= 50 ms',
        ok: p50 <= 50,
        detail: `p95 ${at(times, 0.95).toFixed(1)} ms, p99 ${at(times, 0.99).toFixed(1)} ms`,
      },
    ];
  } finally {
    await db.end();
  }
};

export const run = async () => {
  const base = process.getuid?.() === 0 ? '/var/tmp' : os.tmpdir();
  const dir = fs.mkdtempSync(path.join(base, 'nefos-bench-'));
  fs.chmodSync(dir, 0o755);
  const server = await startLocalPg({ dir, ephemeral: true });
  const peers = await startPeers();
  const services = [];
  try {
    const urls = await makeDatabases(server, { compute: 'bench', compute_many: 'bench' });
    services.push(
      await startService(dir, urls.compute, peers, 'off'),
      await startService(dir, urls.compute_many, peers, 'off'),
    );
    const [small, big] = services;
    await load(urls.compute, 200);
    await load(urls.compute_many, 200_000, MANY);
    const results = await benchLists(small, big, 200_000 / EACH);
    await small.stop();
    services.shift();
    services.push(await startService(dir, urls.compute, peers, 'on'));
    return [...results, ...(await benchCreate(urls.compute, services.at(-1).port))];
  } finally {
    for (const one of services) await one.stop();
    agent.destroy();
    peers.close();
    peers.closeAllConnections();
    await server.stop();
    fs.rmSync(dir, { recursive: true, force: true });
  }
};
