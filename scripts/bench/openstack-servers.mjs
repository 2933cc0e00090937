// @ts-check
// OpenStack's compute API as an end user's client calls it: the details of a hundred servers, and one server, next to
// bare node:http and plain Express servers that send the same bytes.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { OWN_TOKEN, OWNER, startCompute, startOwner } from './lib-compute.mjs';
import { load as loadInstances, NETWORK, OWNER_OF_MANY } from './lib-compute-data.mjs';
import { cpuOf } from './lib-cpu.mjs';
import { median } from './lib-figures.mjs';
import { alternate, load } from './lib-load.mjs';
import { bodyOf, createCaller, stopChild, withClient, withDatabases } from './lib-service.mjs';

const SERVERS = 100;
/** `others`: servers of other projects. */
const FULL = { others: 20_000, rounds: 5, seconds: 2 };
const SMOKE = { others: 200, rounds: 1, seconds: 0.2 };
const HEADERS = { 'X-Auth-Token': OWN_TOKEN, 'OpenStack-API-Version': 'compute 2.90' };
/** What is measured, by its least share of the bare server's rate. */
const TARGETS = { detail: 0.3, show: 0.4 };
/** @typedef {keyof typeof TARGETS} What */

/** The end user's servers are as the API made them: with a port, its group, a disk, a floating IP, a record. */
const OWN = [
  `insert into server_record (instance_id, user_id, metadata, key_name)
   select id, $2, '{"role": "web", "tier": "2"}', 'bench' from instance where client_id = $1`,
  `insert into security_group (id, project_id, region_id, name, is_default)
   select gen_random_uuid(), md5($1::int::text), 'Bench', 'default', true where $2 <> ''`,
  `insert into port (id, network_id, project_id, region_id, name, mac_address, instance_id, status)
   select gen_random_uuid(), '${NETWORK}', project_id, region_id, '',
     'fa:16:3e:00:' || regexp_replace(lpad(to_hex(row_number() over ()), 4, '0'), '(..)(..)', '\\1:\\2'), id, 'ACTIVE'
   from instance where client_id = $1 and $2 <> ''`,
  `insert into network_address (network_id, address, port_id)
   select network_id, '10.0.1.0'::inet + row_number() over (), p.id
   from port p join instance i on i.id = p.instance_id where i.client_id = $1 and $2 <> ''`,
  `insert into port_security_group (port_id, security_group_id)
   select p.id, g.id from port p, security_group g where p.project_id = md5($1::int::text) and $2 <> ''`,
  `insert into floating_ip (id, network_id, project_id, region_id, address, port_id, fixed_address, status)
   select gen_random_uuid(), a.network_id, p.project_id, p.region_id, a.address + 4096, p.id, a.address, 'ACTIVE'
   from port p join network_address a on a.port_id = p.id where p.project_id = md5($1::int::text) and $2 <> ''`,
  `insert into volume_type (id, region_id, name) select gen_random_uuid(), 'Bench', 'bench' where $1 > 0 and $2 <> ''`,
  `with made as (
     insert into volume (id, client_id, project_id, region_id, type_id, name, size_gb, status)
     select i.id, client_id, project_id, i.region_id, t.id, '', 1, 'in-use'
     from instance i, volume_type t where client_id = $1 and $2 <> '' returning id)
   insert into volume_attachment (id, volume_id, instance_id, device, boot, delete_on_termination, state)
   select gen_random_uuid(), id, id, '/dev/vda', true, true, 'attached' from made`,
  `update instance i set tags = array['bench'], addresses = jsonb_build_array(jsonb_build_object('network', 'bench',
     'version', 4, 'addr', host(a.address), 'mac', p.mac_address, 'type', 'fixed'))
   from port p join network_address a on a.port_id = p.id where p.instance_id = i.id and client_id = $1 and $2 <> ''`,
  `insert into client_user (client_id, user_id, is_owner) select $1, id, true from portal_user where uuid = $2::uuid`,
];
/** @param {string} url @param {number} others @returns {Promise<string>} the id of one of the end user's servers */
const loadServers = async (url, others) => {
  await loadInstances(url, others, SERVERS);
  return withClient(url, async (db) => {
    for (const statement of OWN) await db.query(statement, [OWNER_OF_MANY, OWNER]);
    await db.query('vacuum analyze');
    const { rows } = await db.query('select id from instance where client_id = $1 limit 1', [OWNER_OF_MANY]);
    return rows[0].id;
  });
};
/** A server that answers with these bytes. @param {'bare' | 'express'} kind @param {Buffer} bytes */
const startPlain = async (kind, bytes) => {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'lib-bare-server.mjs'), kind], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  child.send(bytes.toString('base64'));
  const [message] = await once(child, 'message');
  return { port: Number(message.port), pid: child.pid ?? 0, stop: () => stopChild(child) };
};

/**
 * @param {What} what @param {string} target
 * @param {{ compute: import('./lib-service.mjs').Service, sizes: typeof FULL,
 *   ask: ReturnType<typeof createCaller>['ask'] }} of
 * @returns {Promise<import('./lib-figures.mjs').Result>}
 */
const measure = async (what, target, { compute, sizes: { rounds, seconds }, ask }) => {
  const bytes = bodyOf(await ask(compute.port, { path: target, headers: HEADERS }), target);
  /** @type {{ servers?: unknown[] }} */
  const { servers: listed } = JSON.parse(bytes.toString());
  if (what === 'detail' && listed?.length !== SERVERS) throw new Error(`${listed?.length} servers, not ${SERVERS}`);
  const servers = { compute, bare: await startPlain('bare', bytes), express: await startPlain('express', bytes) };
  try {
    /** Milliseconds of processor time of a request. @type {Record<keyof typeof servers, number[]>} */
    const cpu = { compute: [], bare: [], express: [] };
    /** @param {keyof typeof servers} who @param {number} connections @returns {() => Promise<number>} */
    const contestant = (who, connections) => async () => {
      const { port, pid } = servers[who];
      const before = cpuOf(pid);
      const { perSecond, answers } = await load({ port, path: target, headers: HEADERS, seconds, connections });
      if (connections > 1) cpu[who].push((cpuOf(pid) - before) / answers);
      return perSecond;
    };
    const {
      own = [],
      bare = [],
      express = [],
      alone = [],
    } = await alternate(
      {
        bare: contestant('bare', 32),
        own: contestant('compute', 32),
        express: contestant('express', 32),
        alone: contestant('compute', 1),
      },
      rounds,
    );
    const ratio = median(own.map((rate, i) => rate / (bare[i] ?? NaN)));
    const [ours, bares, plains] = [cpu.compute, cpu.bare, cpu.express].map((of) => `${(median(of) * 1000).toFixed(0)}`);
    const perSecond = `${Math.round(median(own))}/s of ${Math.round(median(bare))}/s`;
    return {
      name: `${what === 'detail' ? `details of ${SERVERS} servers` : 'one server'}, ${bytes.length} bytes`,
      ratio,
      target: `>= ${TARGETS[what]} x bare node:http`,
      ok: ratio >= TARGETS[what],
      detail:
        `${perSecond}; plain Express ${Math.round(median(express))}/s; processor time of a request ${ours} us, ` +
        `of bare ${bares}, of Express ${plains}; over one connection ${Math.round(median(alone))}/s`,
    };
  } finally {
    await servers.bare.stop();
    await servers.express.stop();
  }
};

/** @param {import('./lib-figures.mjs').Options} [options] @returns {Promise<import('./lib-figures.mjs').Result[]>} */
export const run = async ({ smoke = false } = {}) => {
  const sizes = smoke ? SMOKE : FULL;
  const { ask, close } = createCaller({ connections: 1 });
  try {
    return await withDatabases(['compute'], async ({ urls: { compute: url = '' }, dir }) => {
      const owner = await startOwner(url, OWNER_OF_MANY);
      const compute = await startCompute(dir, url, owner.url, { NEFOS_COMPUTE_WORKER: 'off' });
      try {
        const id = await loadServers(url, sizes.others);
        const of = { compute, sizes, ask };
        return [
          await measure('detail', '/compute/v2.1/servers/detail', of),
          await measure('show', `/compute/v2.1/servers/${id}`, of),
        ];
      } finally {
        await compute.stop();
        owner.close();
      }
    });
  } finally {
    close();
  }
};
