// @ts-check
// The demo at introspection: a machine of a simulated rack is registered, finds out what it is, and gets a trait by a
// rule.
import { randomBytes, randomInt } from 'node:crypto';
import { bold, step, table, Trouble } from '../lib/progress.mjs';
import { call, introspection, must, until } from './client.mjs';

/** @typedef {import('./client.mjs').Options} Options */
const own = () => {
  if (!introspection) throw new Trouble('the credentials have no token for introspection: start Nefos again');
  return { 'X-Auth-Token': introspection.token };
};
/** @param {string} method @param {string} url @param {Options} [options] */
const api = (method, url, options = {}) => call(method, url, { ...options, headers: own() });
/** @param {string} method @param {string} url below the registry @param {Options} [options] */
const registry = (method, url, options = {}) =>
  call(method, `/baremetal/v1${url}`, { ...options, headers: { ...own(), 'X-OpenStack-Ironic-API-Version': '1.81' } });

/** What was made and is not removed yet: the path of each. @type {(() => Promise<unknown>)[]} */
const made = [];
export const removeMachines = async () => {
  while (made.length) await made.pop()?.();
};

/**
 * Watches a run until it has ended.
 * @param {string} node @param {(state: { finished_at: string | null }) => boolean} isNew
 * @returns {Promise<string[]>} the states that were seen
 */
const watch = async (node, isNew) => {
  /** @type {string[]} */
  const seen = [];
  await until(
    `the run of ${node} ends`,
    async () => {
      const status = (await api('GET', `/v1/introspection/${node}`)).json();
      if (seen.at(-1) !== status.state) seen.push(status.state);
      must(status.state !== 'error', `the run fails: ${status.error}`);
      return status.state === 'finished' && isNew(status);
    },
    90,
  );
  return seen;
};

/** @param {string} name of the node @param {string} scope of its rules */
const register = async (name, scope) => {
  const node = (
    await registry('POST', '/nodes', {
      json: {
        name,
        driver: 'fake-hardware',
        driver_info: { ipmi_address: `192.0.2.${randomInt(20, 250)}`, simulated_machine: 'gpu' },
        properties: { inspection_scope: scope },
      },
      expect: 201,
    })
  ).json();
  made.push(() => registry('DELETE', `/nodes/${node.uuid}`, { expect: 204 }));
  must(node.provision_state === 'enroll', `a new node is enrolled, not ${node.provision_state}`);
  return node.uuid;
};

export const showIntrospection = async () => {
  console.log(bold('\nIntrospection'));
  const name = `demo-${randomBytes(4).toString('hex')}`;
  const node = await step(`a machine is registered by its BMC: ${name}`, () => register(name, name));
  await step('introspection is started: the machine is switched on, a ramdisk reports', async () => {
    await api('POST', `/v1/introspection/${name}`, { expect: 202 });
    const seen = await watch(node, () => true);
    return seen.join(' → ');
  });
  const data = await step('what it found out is there', async () => {
    const found = (await api('GET', `/v1/introspection/${name}/data`)).json();
    must(found.cpus === 64 && found.cpu_arch === 'x86_64', `64 CPUs, not ${found.cpus}`);
    must(found.inventory.disks.length === 2, 'two disks');
    return found;
  });
  await step('the registry knows its size and its network cards', async () => {
    const { properties } = (await registry('GET', `/nodes/${name}`)).json();
    must(properties.cpus === '64' && properties.memory_mb === '524288', 'properties of the node');
    const { ports } = (await registry('GET', `/ports?node=${node}`)).json();
    must(ports.length > 0, 'a port');
    return `${ports.length} port${ports.length === 1 ? '' : 's'}`;
  });
  await step('a rule gives a trait to every machine with enough memory, applied to what is stored', async () => {
    const rule = (
      await api('POST', '/v1/rules', {
        json: {
          description: 'Demo: a large machine',
          scope: name,
          conditions: [{ op: 'ge', field: 'memory_mb', value: 262_144 }],
          actions: [
            { action: 'add-trait', name: 'CUSTOM_LARGE' },
            { action: 'set-attribute', path: '/extra/board', value: '{data[inventory][system_vendor][product_name]}' },
          ],
        },
        expect: 201,
      })
    ).json();
    made.push(() => api('DELETE', `/v1/rules/${rule.uuid}`, { expect: 204 }));
    const before = (await api('GET', `/v1/introspection/${name}`)).json().finished_at;
    await api('POST', `/v1/introspection/${name}/data/unprocessed`, { expect: 202 });
    await watch(node, ({ finished_at }) => finished_at !== before);
    const { traits } = (await registry('GET', `/nodes/${name}/traits`)).json();
    must(traits.includes('CUSTOM_LARGE'), `the trait, not ${traits.join(', ') || 'none'}`);
    const { extra } = (await registry('GET', `/nodes/${name}`)).json();
    must(extra.board === data.inventory.system_vendor.product_name, 'the text that the rule made of the data');
    return 'CUSTOM_LARGE';
  });
  const row = [name, data.cpus, data.memory_mb / 1024, data.local_gb, data.inventory.system_vendor.product_name];
  console.log(`\n${table([['machine', 'CPUs', 'memory GiB', 'root disk GB', 'product'], row])}\n`);
  await step('the machine and the rule go', removeMachines);
};
