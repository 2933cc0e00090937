import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { newClient, reaches, requestInstance } from './cloud.js';
import { ask, eventually, startStack, type Stack } from './stack.js';

// /metrics as a Prometheus reads it: names and types by its conventions, routes of the contracts, gauges of what there
// is.

const root = path.resolve(__dirname, '../../..');
const SERVICES = ['identity', 'compute', 'metering', 'introspection'] as const;
let stack: Stack;
let gateway: ChildProcess;
const gatewayPorts = { front: 0, metrics: 0 };

interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}
interface Scrape {
  types: Map<string, string>;
  helps: Map<string, string>;
  samples: Sample[];
}
const parse = (text: string): Scrape => {
  const found: Scrape = { types: new Map(), helps: new Map(), samples: [] };
  for (const line of text.split('\n').filter(Boolean)) {
    if (line.startsWith('#')) {
      const [, kind, name = '', ...rest] = line.split(' ');
      (kind === 'HELP' ? found.helps : found.types).set(name, rest.join(' '));
      continue;
    }
    const [, sample = '', labels = '', value = ''] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    if (!sample) throw new Error(`not a sample: ${line}`);
    found.samples.push({
      name: sample,
      labels: Object.fromEntries(
        labels
          .split('",')
          .filter(Boolean)
          .map((one) => {
            const at = one.indexOf('="');
            return [one.slice(0, at), one.slice(at + 2).replace(/"$/, '')];
          }),
      ),
      value: Number(value),
    });
  }
  return found;
};
const originOf = (name: (typeof SERVICES)[number] | 'gateway'): string =>
  name === 'gateway' ? `http://127.0.0.1:${gatewayPorts.metrics}` : stack.origin(name);
const scrape = async (name: (typeof SERVICES)[number] | 'gateway'): Promise<Scrape> => {
  const { status, text } = await ask(`${originOf(name)}/metrics`);
  expect(status).toBe(200);
  return parse(text);
};
const figure = (from: Scrape, name: string, labels: Record<string, string>): number | undefined =>
  from.samples.find((s) => s.name === name && Object.entries(labels).every(([key, value]) => s.labels[key] === value))
    ?.value;

beforeAll(async () => {
  stack = await startStack();
  let output = '';
  const free = await new Promise<number>((resolve) => {
    const server = http.createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
  gatewayPorts.metrics = free;
  gateway = spawn(process.execPath, [path.join(root, 'services/gateway/dist/main.js')], {
    env: {
      PATH: process.env.PATH,
      NEFOS_GATEWAY_PORT: '0',
      NEFOS_GATEWAY_METRICS_PORT: String(free),
      ...Object.fromEntries(SERVICES.map((name) => [`NEFOS_${name.toUpperCase()}_URL`, stack.origin(name)])),
    },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  gateway.stdout?.setEncoding('utf8').on('data', (part: string) => {
    output += part;
  });
  gatewayPorts.front = await eventually('the gateway listens', async () =>
    Number(/"port":(\d+),"msg":"listening"/.exec(output)?.[1] ?? 0),
  );
}, 150_000);
afterAll(async () => {
  gateway?.kill();
  await stack?.close();
}, 30_000);

it('every metric of ours keeps the conventions: help, type, units in the name, _total for counters alone', async () => {
  const { credentials } = stack;
  await ask(`http://127.0.0.1:${gatewayPorts.front}/v2/accounts/`, { headers: { 'X-RH-IDENTITY': 'e30=' } });
  await ask(`${stack.origin('identity')}/account/v1.0/user_catalogs`, {
    headers: { 'X-Auth-Token': credentials.identity.user.token },
  });
  for (const name of [...SERVICES, 'gateway'] as const) {
    const { types, helps, samples } = await scrape(name);
    const ours = [...types].filter(([metric]) => metric.startsWith('nefos_'));
    expect(ours.length).toBeGreaterThan(3);
    for (const [metric, type] of ours) {
      const faults = [
        !helps.get(metric) && 'no help',
        !/^[a-z][a-z0-9_]*$/.test(metric) && 'not in small letters',
        type === 'untyped' && 'no type',
        (type === 'counter') !== metric.endsWith('_total') && '_total and counter do not go together',
        type !== 'histogram' && /_(count|sum|bucket)$/.test(metric) && 'a suffix of histograms',
        type === 'histogram' && !/_(seconds|bytes)$/.test(metric) && 'a histogram without its unit',
        /_(milliseconds|ms|minutes|hours|days|kilobytes|megabytes|mb|gb|percent)(_|$)/.test(metric) &&
          'not in base units',
        /_(counter|gauge|histogram|summary)(_|$)/.test(metric) && 'its type in its name',
        /last_success$|_at$/.test(metric) && 'an instant without _timestamp_seconds',
        type === 'gauge' && /restarts|failures/.test(metric) && 'a gauge of what only rises',
      ].filter(Boolean);
      expect([metric, faults]).toEqual([metric, []]);
    }
    // One value of each label; "service" is the service that answers.
    for (const sample of samples) if (sample.name.startsWith('nefos_')) expect(sample.labels.service).toBe(name);
    const { version } = JSON.parse(readFileSync(path.join(root, 'services', name, 'package.json'), 'utf8')) as {
      version: string;
    };
    // A service answers before it has started its last job.
    await eventually(
      `the build of ${name}`,
      async () => figure(await scrape(name), 'nefos_build_info', { version, node: process.version }) === 1,
    );
  }
});
it('the route of a request is the path of its contract, never what was asked for', async () => {
  const { compute, identity } = stack.credentials;
  const staff = { Authorization: `Token ${compute.staff.token}` };
  const rh = { 'X-RH-IDENTITY': Buffer.from('{"identity":{"account_number":"1337"}}').toString('base64') };
  await ask(`${stack.origin('compute')}/staffapi/clients/4711`, { headers: staff });
  await ask(`${stack.origin('compute')}/backend/staffapi/clients/4712/`, { headers: staff });
  await ask(`${stack.origin('compute')}/made-up-by-a-stranger/4713`);
  await ask(`${stack.origin('metering')}/api/cloudigrade/v2/accounts/4714/`, { headers: rh });
  await ask(`${stack.origin('identity')}/identity/v2.0/tenants/4715`, {
    headers: { 'X-Auth-Token': identity.user.token },
  });
  for (const method of ['PROPFIND', 'M-SEARCH', 'MKCOL', 'REPORT', 'QUERY'])
    for (const name of SERVICES)
      await ask(`${stack.origin(name)}/staffapi/clients`, { method, headers: staff }).catch(() => undefined);
  const documents = await Promise.all(
    SERVICES.map(
      async (name) =>
        [name, JSON.parse((await ask(`${stack.origin(name)}/openapi.json`)).text) as { paths: object }] as const,
    ),
  );
  const more = (await ask(`${stack.origin('introspection')}/openapi-baremetal.json`)).text;
  documents.push(['introspection', JSON.parse(more) as { paths: object }]);
  for (const name of SERVICES) {
    const { samples } = await scrape(name);
    const requests = samples.filter((s) => s.name === 'nefos_http_request_seconds_count');
    const known = new Set([
      ...documents
        .filter(([one]) => one === name)
        .flatMap(([, { paths }]) => Object.keys(paths))
        .map((one) => one.replace(/\{(\w+)\}/g, ':$1')),
      ...['/healthz', '/readyz', '/metrics', '/openapi.json', 'none'],
    ]);
    expect(requests.length).toBeGreaterThan(0);
    expect(
      requests.filter(({ labels }) => labels.method === 'other').reduce((sum, { value }) => sum + value, 0),
    ).toBeGreaterThan(0);
    for (const { labels } of requests) {
      expect(Object.keys(labels).sort()).toEqual(['method', 'route', 'service', 'status']);
      expect(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'other']).toContain(labels.method);
      expect(labels.route).not.toMatch(/47\d\d|stranger/);
      if (!labels.route?.startsWith('/internal/')) expect(known).toContain(labels.route);
    }
  }
  const from = await scrape('compute');
  expect(
    figure(from, 'nefos_http_request_seconds_count', { route: '/staffapi/clients/:client_id', status: '404' }),
  ).toBe(2);
  expect(figure(from, 'nefos_http_request_seconds_count', { route: 'none', status: '404' })).toBe(1);
  expect(
    figure(await scrape('metering'), 'nefos_http_request_seconds_count', { route: '/v2/accounts/:id/', status: '404' }),
  ).toBe(1);
});
it('gauges say how many instances there are by state, how many clients, tokens and users', async () => {
  const id = await requestInstance(stack, await newClient(stack), 'counted');
  await reaches(stack, id, 'active');
  await stack.stop('compute');
  await stack.start('compute'); // its first count is of now
  const compute = await scrape('compute');
  const [{ count } = { count: -1 }] = await stack.query<{ count: number }>(
    'compute',
    "select count(*)::int count from instance where vm_state = 'active'",
  );
  expect(count).toBeGreaterThan(0);
  expect(figure(compute, 'nefos_compute_instances', { state: 'active' })).toBe(count);
  expect(figure(compute, 'nefos_compute_instances', { state: 'rescued' })).toBe(0);
  const [{ clients } = { clients: -1 }] = await stack.query<{ clients: number }>(
    'compute',
    'select count(*)::int clients from client where hold is null',
  );
  expect(figure(compute, 'nefos_compute_clients', { hold: 'none' })).toBe(clients);
  await stack.stop('identity');
  await stack.start('identity');
  const identity = await scrape('identity');
  const [{ tokens } = { tokens: -1 }] = await stack.query<{ tokens: number }>(
    'identity',
    `select count(*)::int tokens from token
     where kind = 'api' and revoked_at is null and (expires_at is null or expires_at > now())`,
  );
  expect(tokens).toBeGreaterThan(0);
  expect(figure(identity, 'nefos_identity_tokens', { kind: 'api' })).toBe(tokens);
  expect(figure(identity, 'nefos_identity_users', { state: 'active' })).toBeGreaterThan(0);
});
