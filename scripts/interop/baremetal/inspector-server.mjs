// @ts-check
// The original introspects a machine of our registry: Nefos' Bare Metal API stands where Ironic stood (contract
// introspection §16).
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { stopChild } from '../../bench/lib-service.mjs';
import { freePort } from '../../lib/free-port.mjs';
import { bold } from '../../lib/progress.mjs';
import { inventoryOf } from './agent.mjs';
import { withOpenService } from './open-service.mjs';
import { runProgram } from './python-tests.mjs';
import { eventually } from './world.mjs';

const HARDWARE = {
  mac: '52:54:00:0e:0e:01',
  otherMac: '52:54:00:0e:0e:02',
  ip: '198.51.100.31',
  cpus: 6,
  memoryMb: 3072,
};
const BMC = '192.0.2.61';

/** Its settings. @param {number} port its own @param {number} registry */
const settings = (port, registry) => `[DEFAULT]
auth_strategy = noauth
listen_address = 127.0.0.1
listen_port = ${port}
transport_url = fake://
introspection_delay = 0
[ironic]
auth_type = none
endpoint_override = http://127.0.0.1:${registry}/baremetal
[pxe_filter]
driver = noop
[database]
connection = sqlite:///ironic_inspector.sqlite
[processing]
store_data = database
`;
/**
 * @param {string} url @param {string} [method] @param {unknown} [body]
 * @returns {Promise<{ status: number, body: any }>}
 */
const ask = async (url, method = 'GET', body = undefined) => {
  const res = await fetch(url, {
    method,
    headers: { 'X-OpenStack-Ironic-API-Version': '1.78', 'Content-Type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await res.text();
  return { status: res.status, body: text.startsWith('{') ? JSON.parse(text) : text };
};

/** A run of the original's from its start to its end. @param {string} original @param {string} registry
 * @param {import('../reporter.mjs').Reporter} reporter */
const introspect = async (original, registry, { check }) => {
  const made = await ask(`${registry}/v1/nodes`, 'POST', {
    driver: 'fake-hardware',
    name: 'original',
    driver_info: { ipmi_address: BMC },
    properties: {},
  });
  const { uuid } = made.body;
  const status = async () => (await ask(`${original}/v1/introspection/${uuid}`)).body;
  const until = (/** @type {string} */ state) =>
    eventually(async () => {
      const now = await status();
      return now.state === state || now.state === 'error' ? now : undefined;
    }, 60);
  await check('it finds the node by its name, and starts', async () => {
    const { status: code, body } = await ask(`${original}/v1/introspection/original`, 'POST');
    return [code === 202, code, body, made];
  });
  await check('it sets the boot device and switches the machine on', async () => {
    const now = await until('waiting');
    const { body: device } = await ask(`${registry}/v1/nodes/${uuid}/management/boot_device`);
    const node = await eventually(async () => {
      const { body } = await ask(`${registry}/v1/nodes/${uuid}`);
      return body.power_state === 'power on' ? body : undefined;
    });
    return [now?.state === 'waiting' && node !== undefined && device.boot_device === 'pxe', now, device];
  });
  await check('it takes the report', async () => {
    const report = inventoryOf(HARDWARE);
    report.inventory.bmc_address = BMC;
    const { status: code, body } = await ask(`${original}/v1/continue`, 'POST', report);
    return [code === 200 && body.uuid === uuid, code, body];
  });
  await check('its run ends well', async () => {
    const now = await until('finished');
    return [now?.state === 'finished' && now.error === null, now];
  });
  await check('it wrote properties and a port here, and switched the machine off', async () => {
    const { body: node } = await ask(`${registry}/v1/nodes/${uuid}`);
    const { body: ports } = await ask(`${registry}/v1/ports/detail?node=${uuid}`);
    const { cpus, memory_mb: memory, cpu_arch: arch } = node.properties;
    return [
      cpus === '6' && memory === '3072' && arch === 'x86_64' && ports.ports[0]?.address === HARDWARE.mac,
      node.properties,
      ports,
    ];
  });
  await check('it switched the machine off', async () => [
    (await eventually(async () => {
      const { body } = await ask(`${registry}/v1/nodes/${uuid}`);
      return body.power_state === 'power off' ? true : undefined;
    })) === true,
  ]);
  await check('it asks here for the node that it does not find', async () => {
    const { status: code, body } = await ask(`${original}/v1/introspection/no-such-node`, 'POST');
    return [code === 404, code, body];
  });
};

/**
 * @param {(command: string) => string} bin of an environment with ironic-inspector
 * @param {import('../reporter.mjs').Reporter} reporter
 */
export const tryInspectorServer = async (bin, reporter) => {
  console.log(bold('\nironic-inspector against our registry'));
  const dir = mkdtempSync(path.join(os.tmpdir(), 'nefos-original-'));
  try {
    await withOpenService(await freePort(), async (registry) => {
      const port = await freePort();
      writeFileSync(path.join(dir, 'inspector.conf'), settings(port, registry));
      const args = ['--config-file', 'inspector.conf'];
      const made = await runProgram(bin('ironic-inspector-dbsync'), [...args, 'upgrade'], { cwd: dir });
      if (made.status !== 0) {
        reporter.skip('ironic-inspector', `its database could not be made (${made.text.slice(-300)})`);
        return;
      }
      let output = '';
      const child = spawn(bin('ironic-inspector'), args, { cwd: dir, stdio: ['ignore', 'pipe', 'pipe'] });
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (part) => {
          output = (output + part).slice(-20_000);
        });
      try {
        const original = `http://127.0.0.1:${port}`;
        const up = await eventually(async () => {
          if (child.exitCode !== null) return false;
          return (await ask(original).catch(() => undefined))?.status === 200 || undefined;
        });
        if (up !== true) {
          reporter.skip('ironic-inspector', `it does not start (${output.trim().split('\n').slice(-3).join(' ')})`);
          return;
        }
        await introspect(original, `http://127.0.0.1:${registry}/baremetal`, reporter);
      } finally {
        await stopChild(child);
      }
    });
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
};
