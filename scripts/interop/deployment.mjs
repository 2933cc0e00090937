// @ts-check
// What deploy/ gives operators, with the real programs: nginx in front of a Nefos, psql for the roles.
import { spawn, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startLocalPg } from '../local-postgres.mjs';
import { root } from '../lib/prepare.mjs';
import { freePort, portOf } from '../lib/free-port.mjs';
import { startPrivateStack } from '../lib/private-stack.mjs';
import { has, provide } from '../lib/provide.mjs';

const temporary = () => {
  const dir = fs.mkdtempSync(path.join(process.getuid?.() === 0 ? '/var/tmp' : os.tmpdir(), 'nefos-deploy-'));
  fs.chmodSync(dir, 0o755);
  return dir;
};
/** deploy/nginx.conf with addresses of ours, in the frame that an nginx of one's own needs. */
const nginxConfig = (dir, port, ports, readiness) => {
  const rules = fs
    .readFileSync(path.join(root, 'deploy/nginx.conf'), 'utf8')
    .replace(
      /server (identity|compute|metering|introspection):\d+;/g,
      (_all, name) => `server 127.0.0.1:${ports[name]};`,
    )
    .replace('alias /opt/nefos/', `alias ${root}/`)
    .replace('/var/log/nginx/access.log', `${dir}/access.log`)
    .replace('listen 8080;', `listen 127.0.0.1:${port};`)
    .replace('http://127.0.0.1:8080;', `http://127.0.0.1:${port};`)
    .replaceAll('127.0.0.1:8079;', `127.0.0.1:${readiness};`);
  const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${dir}/${name};`)
    .join(' ');
  const main = `daemon off; pid ${dir}/pid; error_log ${dir}/error.log;\nevents {}\n`;
  return `${main}http { access_log off; ${temp}\n${rules}\n}\n`;
};
const startNginx = async (ports) => {
  const dir = temporary();
  const port = await freePort();
  const file = path.join(dir, 'nginx.conf');
  fs.writeFileSync(file, nginxConfig(dir, port, ports, await freePort()));
  const child = spawn('nginx', ['-c', file, '-e', `${dir}/error.log`], { stdio: ['ignore', 'ignore', 'pipe'] });
  let output = '';
  child.stderr.on('data', (part) => {
    output += part;
  });
  const exited = new Promise((resolve) => {
    child.once('exit', resolve);
  });
  const origin = `http://127.0.0.1:${port}`;
  for (const end = Date.now() + 10_000; ; await sleep(50)) {
    if (child.exitCode !== null || Date.now() > end) throw new Error(`nginx did not start: ${output}`);
    if (await fetch(`${origin}/`).catch(() => undefined)) break;
  }
  return {
    origin,
    stop: async () => {
      child.kill('SIGQUIT');
      await exited;
      fs.rmSync(dir, { recursive: true, force: true });
    },
  };
};

const answer = async (url, headers) => {
  const res = await fetch(url, { headers, redirect: 'manual' });
  return { status: res.status, type: res.headers.get('content-type')?.split(';')[0], text: await res.text() };
};
const nginxCases = async (check) => {
  const stack = await startPrivateStack();
  const { gateway, ports, credentials } = stack;
  const nginx = await startNginx(ports);
  const broken = {
    metering: await startNginx({ ...ports, metering: await freePort() }),
    introspection: await startNginx({ ...ports, introspection: await freePort() }),
  };
  try {
    const staff = { Authorization: `Token ${credentials.compute.staff.token}` };
    const user = { 'X-Auth-Token': credentials.identity.user.token };
    /** @type {[string, Record<string, string>][]} */
    const same = [
      ['/', {}],
      ['/openapi', {}],
      ['/openapi/identity.json', {}],
      ['/openapi/compute.json', {}],
      ['/openapi/metering.json', {}],
      ['/openapi/introspection.json', {}],
      ['/openapi/baremetal.json', {}],
      ['/docs', {}],
      ['/docs/page.js', {}],
      ['/docs/swagger-ui-bundle.js', {}],
      ['/docs/swagger-ui.css', {}],
      ['/docs/favicon-32x32.png', {}],
      ['/identity/v2.0', {}],
      ['/account/v1.0/authenticate', user],
      ['/staffapi/clientgroups', staff],
      ['/backend/staffapi/clientgroups', staff],
      ['/api/v2/accounts/', user],
      ['/v2/sysconfig/', {}],
      ['/v1', {}],
      ['/v1/introspection', { 'X-Auth-Token': credentials.introspection.token }],
      ['/baremetal/v1/nodes', { 'X-Auth-Token': credentials.introspection.token }],
      ['/staffapi/clientgroups?search=a%2Fb', staff],
    ];
    for (const [at, headers] of same)
      await check(`nginx answers ${at} as the gateway does`, async () => {
        const [wanted, found] = [await answer(gateway + at, headers), await answer(nginx.origin + at, headers)];
        const plain = (text) => text.replaceAll(nginx.origin, gateway).replace(/"(request_id|timestamp)":"[^"]*"/g, '');
        return [
          wanted.status !== 404 &&
            wanted.status === found.status &&
            wanted.type === found.type &&
            plain(wanted.text) === plain(found.text),
          wanted,
          found,
        ];
      });
    await check('nginx: /docs/ leads to /docs', async () => {
      const res = await fetch(`${nginx.origin}/docs/`, { redirect: 'manual' });
      const to = new URL(res.headers.get('location') ?? '', res.url).pathname;
      return [res.status === 308 && to === '/docs', res.status, to];
    });
    await check('nginx: /healthz is 200 when all are ready', async () => {
      const found = await answer(`${nginx.origin}/healthz`);
      return [found.status === 200, found];
    });
    for (const [name, one] of Object.entries(broken))
      await check(`nginx: /healthz is 503 when ${name} is not ready`, async () => {
        const found = await answer(`${one.origin}/healthz`);
        return [found.status === 503 && found.text === '{"status":"not ready"}', found];
      });
    await check('nginx: /healthz is 503 soon when one takes connections and says nothing', async () => {
      const silent = net.createServer(() => undefined);
      await new Promise((resolve) => silent.listen(0, '127.0.0.1', () => resolve(undefined)));
      const frozen = await startNginx({ ...ports, compute: portOf(silent).port });
      try {
        const began = Date.now();
        const found = await answer(`${frozen.origin}/healthz`);
        const seconds = (Date.now() - began) / 1000;
        return [found.status === 503 && found.text === '{"status":"not ready"}' && seconds < 20, found, `${seconds} s`];
      } finally {
        await frozen.stop();
        silent.close();
      }
    });
    for (const at of [
      '/internal/v1/users',
      '/metrics',
      '/readyz',
      '/api/v0/clusters',
      '/-/compute-ready',
      '/docs/package.json',
      '/nothing',
    ])
      await check(`nginx: ${at} is not for strangers`, async () => {
        const found = await answer(nginx.origin + at);
        return [found.status === 404, found];
      });
    await check("nginx cuts off a stranger's X-RH-IDENTITY", async () => {
      const header = Buffer.from(
        JSON.stringify({ identity: { account_number: credentials.metering.account_number } }),
      ).toString('base64');
      const found = await answer(`${nginx.origin}/v2/accounts/`, { 'X-RH-IDENTITY': header });
      return [[401, 403].includes(found.status), found];
    });
  } finally {
    for (const one of Object.values(broken)) await one.stop();
    await nginx.stop();
    await stack.stop();
  }
};

const NAMES = ['identity', 'compute', 'metering', 'introspection'];
const psqlCases = async (check) => {
  const dir = temporary();
  const server = await startLocalPg({ dir, ephemeral: true });
  const passwords = Object.fromEntries(NAMES.map((name) => [`NEFOS_${name.toUpperCase()}_PASSWORD`, `it's "${name}"`]));
  const psql = (env) =>
    spawnSync(
      'psql',
      [
        '-X',
        '-h',
        server.host,
        '-p',
        String(server.port),
        '-U',
        server.user,
        '-d',
        'postgres',
        '-f',
        path.join(root, 'deploy/postgres/roles.sql'),
      ],
      { encoding: 'utf8', env: { PATH: process.env.PATH, PGPASSWORD: server.password, ...env } },
    );
  const enters = async (role, database) => {
    // Only now: a fresh clone has no packages before the run has installed them.
    const { default: pg } = await import('pg');
    const client = new pg.Client({
      ...server,
      user: `nefos_${role}`,
      password: passwords[`NEFOS_${role.toUpperCase()}_PASSWORD`],
      database: `nefos_${database}`,
    });
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.query('create table own (id int); drop table own');
      return true;
    } catch {
      return false;
    } finally {
      await client.end().catch(() => undefined);
    }
  };
  try {
    await check('psql: roles.sql without passwords says what is missing and makes nothing', () => {
      const { status, stderr, stdout } = psql({ NEFOS_IDENTITY_PASSWORD: 'x' });
      return [
        status !== 0 &&
          stderr.includes('NEFOS_COMPUTE_PASSWORD, NEFOS_METERING_PASSWORD and NEFOS_INTROSPECTION_PASSWORD') &&
          !stdout.includes('CREATE'),
        stdout,
        stderr,
      ];
    });
    await check('psql: roles.sql makes a role and a database for each service', () => {
      const { status, stdout, stderr } = psql(passwords);
      return [status === 0, stdout, stderr];
    });
    for (const role of NAMES)
      for (const database of NAMES)
        await check(
          `psql: ${role} may ${role === database ? '' : 'not '}enter the database of ${database}`,
          async () => [(await enters(role, database)) === (role === database)],
        );
  } finally {
    await server.stop();
    fs.rmSync(dir, { recursive: true, force: true });
  }
};
/** psql older than 15 does not know \getenv. */
const psqlVersion = () =>
  Number(/(\d+)/.exec(spawnSync('psql', ['--version'], { encoding: 'utf8' }).stdout ?? '')?.[1] ?? 0);

/** @param {import('./reporter.mjs').Reporter} reporter */
export const tryDeployment = async ({ check, skip }) => {
  const noNginx = provide(['nginx'], () => has('nginx'));
  if (noNginx) skip('deploy/nginx.conf', noNginx);
  else await nginxCases(check);
  const noPsql = provide(['postgresql-client'], () => psqlVersion() >= 15);
  if (noPsql) skip('deploy/postgres/roles.sql', noPsql);
  else await psqlCases(check);
};
