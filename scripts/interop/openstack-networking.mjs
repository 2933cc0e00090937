// @ts-check
// Ports, addresses, floating IPs and security groups of contract compute §6.5 and §8.1 through the portal, seen in the
// cloud; compute is killed in the middle.
import { setTimeout as sleep } from 'node:timers/promises';
import { REGION } from './openstack-region.mjs';

/** @typedef {import('./openstack-region.mjs').Region} Region */
const STAFF = '/staffapi/openstack';
const SETTLES_SECONDS = 90;

/** @param {Region} region @param {import('./reporter.mjs').Reporter} reporter */
export const networking = async (region, { check }) => {
  const { portal, cloud, client } = region;
  const external = (await portal.list('networks', `region:${REGION}`)).find(
    (one) => one.router_external && one.name.startsWith('public'),
  )?.id;
  /** What the client has made, the last first. @type {string[]} */
  const made = [];
  /** @param {string} kind @param {object} body @returns {Promise<any>} */
  const make = async (kind, body) => {
    const { status, body: one } = await portal.call('POST', `${STAFF}/${kind}`, { client, ...body });
    if (status !== 201) throw new Error(`${kind} answered ${status} ${JSON.stringify(one)}`);
    made.unshift(`${STAFF}/${kind}/${one.id}`);
    return one;
  };
  /** @param {() => Promise<boolean>} holds */
  const settles = async (holds) => {
    for (const end = Date.now() + SETTLES_SECONDS * 1000; Date.now() < end; await sleep(300))
      if (await holds()) return true;
    return holds();
  };
  /** @param {string} kind @param {string} id @returns {Promise<any[]>} the cloud's things that bear the portal's id */
  const inCloud = async (kind, id) =>
    Object.values(await cloud.ask('network', `/${kind}?description=pcp-${id}`)).find(Array.isArray) ?? [];
  /** @param {string} id @returns {Promise<string[]>} addresses of the machine, as Nova has them */
  const addressesOf = async (id) => {
    const [server] = await region.serversOf(id);
    const found = await cloud.ask('network', `/ports?device_id=${server.id}`);
    return found.ports.flatMap((/** @type {any} */ one) => one.fixed_ips.map((/** @type {any} */ ip) => ip.ip_address));
  };
  /** @param {string} id @param {string} filter @returns {Promise<any[]>} */
  const portsOf = async (id, filter = '') =>
    (await portal.call('GET', `${STAFF}/ports?device_id=${id}${filter}&page_size=100`)).body.objects;

  /** What is the portal's in Neutron. @returns {Promise<any[]>} */
  const ours = async () => {
    const found = [];
    for (const kind of ['networks', 'subnets', 'routers', 'ports', 'floatingips'])
      found.push(...Object.values(await cloud.ask('network', `/${kind}`)).flat());
    return found.filter((/** @type {any} */ one) => one?.description?.startsWith('pcp-'));
  };
  /** Machines that were made before have their ports until the end. */
  const before = new Set((await ours()).map(({ id }) => id));

  /** @type {any} */ let network;
  /** @type {any} */ let group;
  /** @type {string} */ let machine = '';
  await check("a client's network, subnet, router and security group come to be in the cloud", async () => {
    // With a subnet, and a router to the network outside.
    network = await make('networks/auto-create', { region: REGION });
    const router = (await portal.call('GET', `${STAFF}/routers?page_size=100`)).body.objects.find(
      (/** @type {any} */ one) => one.name === network.name,
    );
    made.splice(0, 1, `${STAFF}/routers/${router.id}`, `${STAFF}/networks/${network.id}`);
    group = await make('securitygroups', { region: REGION, name: 'web' });
    const rule = { direction: 'ingress', protocol: 'tcp', port_range_min: 443, port_range_max: 443 };
    await portal.call('POST', `${STAFF}/securitygroups/${group.id}/rules`, rule);
    const there = await settles(async () => {
      const [one] = await inCloud('security-groups', group.id);
      const [way] = await inCloud('routers', router.id);
      return (
        (await inCloud('networks', network.id)).length === 1 &&
        (await inCloud('subnets', network.subnets[0])).length === 1 &&
        way?.external_gateway_info &&
        one?.security_group_rules.some((/** @type {any} */ found) => found.port_range_min === 443)
      );
    });
    return [there, network, router, group];
  });
  await check('create with a fixed address and a security group, on the own network', async () => {
    machine = await region.create('interop-net', {
      nics: [{ network: network.id, fixed_ip: '10.0.0.50' }],
      security_groups: ['web'],
    });
    const seen = await portal.comesTo(machine, (one) => ['active', 'error'].includes(one?.status));
    const [port] = await portsOf(machine);
    const [found] = await inCloud('ports', port?.id);
    const [own] = await inCloud('security-groups', group.id);
    return [
      seen.status === 'active' &&
        seen.access_ip === '10.0.0.50' &&
        found?.fixed_ips[0].ip_address === '10.0.0.50' &&
        found.security_groups.join() === own.id,
      { seen, port, found, own },
    ];
  });
  let turn = 0;
  const kill = async () => {
    await sleep([0, 100, 400][turn++ % 3]);
    portal.killCompute();
  };
  for (const [when, disturb] of /** @type {[string, () => Promise<void>][]} */ ([
    ['', async () => undefined],
    ['compute is killed: ', kill],
  ])) {
    /** @param {string} action @param {object} body */
    const act = async (action, body) => {
      const asked = await portal.ask(machine, action, body);
      await disturb();
      return { asked, operation: asked.operation && (await portal.ended(asked.operation)) };
    };
    await check(`${when}add_port and remove_port`, async () => {
      const added = await act('add_port', { network: network.id });
      const both = await settles(async () => (await addressesOf(machine)).length === 2);
      const [, port] = (await portsOf(machine)).sort((a, b) => (a.created_at < b.created_at ? -1 : 1));
      const removed = await act('remove_port', { port: port?.id });
      const one = await settles(
        async () => (await addressesOf(machine)).join() === '10.0.0.50' && !(await inCloud('ports', port.id)).length,
      );
      return [both && one, { added, port, removed }, await addressesOf(machine)];
    });
    await check(`${when}a port of the client's own is attached, and stays when it is detached`, async () => {
      const own = await make('ports', { network_id: network.id, name: 'own' });
      const added = await act('add_port', { port: own.id });
      const both = await settles(async () => (await addressesOf(machine)).length === 2);
      const removed = await act('remove_port', { port: own.id });
      const one = await settles(async () => (await addressesOf(machine)).join() === '10.0.0.50');
      return [both && one && (await inCloud('ports', own.id)).length === 1, { own, added, removed }];
    });
    await check(`${when}add_ip and remove_ip`, async () => {
      const [port] = await portsOf(machine);
      const added = await act('add_ip', { port: port.id });
      const both = await settles(async () => (await addressesOf(machine)).length === 2);
      const seen = await portal.comesTo(machine, (one) => Object.values(one.addresses).flat().length === 2, 30);
      const other = Object.values(seen.addresses)
        .flat()
        .find((one) => one.addr !== '10.0.0.50')?.addr;
      const removed = await act('remove_ip', { ip: other });
      const one = await settles(async () => (await addressesOf(machine)).join() === '10.0.0.50');
      return [both && one, { added, other, removed, seen }];
    });
    await check(`${when}add_floating_ip of an external network and remove_floating_ip`, async () => {
      const added = await act('add_floating_ip', { network: external });
      /** @type {any} */ let ip;
      const leads = await settles(async () => {
        const all = (await portal.call('GET', `${STAFF}/floatingips?page_size=100`)).body.objects;
        ip = all.find((/** @type {any} */ one) => one.instance === machine);
        const [found] = ip ? await inCloud('floatingips', ip.id) : [];
        return found?.fixed_ip_address === '10.0.0.50' && found.floating_ip_address === ip.floating_ip_address;
      });
      if (ip) made.unshift(`${STAFF}/floatingips/${ip.id}`);
      const removed = await act('remove_floating_ip', { floating_ip: ip?.id });
      const nowhere = await settles(async () => (await inCloud('floatingips', ip?.id))[0]?.port_id === null);
      return [leads && nowhere, { added, ip, removed }];
    });
    await check(`${when}associate_security_group and dissociate_security_group`, async () => {
      const other = await make('securitygroups', { region: REGION, name: `other${turn}` });
      const [port] = await portsOf(machine);
      const count = async () => (await inCloud('ports', port.id))[0]?.security_groups.length;
      const added = await act('associate_security_group', { security_group: other.id });
      const two = await settles(async () => (await count()) === 2);
      const removed = await act('dissociate_security_group', { security_group: other.id });
      const one = await settles(async () => (await count()) === 1);
      return [two && one, { added, removed, port }];
    });
  }
  await check('all are deleted: nothing of the client stays in Neutron', async () => {
    await portal.call('DELETE', `${STAFF}/instances/${machine}`);
    await portal.comesTo(machine, (one) => one === undefined);
    /** @type {any[]} */
    const refused = [];
    for (const at of made) {
      if (at.includes('/routers/')) {
        const { body } = await portal.call('GET', at);
        for (const subnet of body.subnets ?? []) await portal.call('POST', `${at}/remove_interface`, { subnet });
      }
      const answer = await portal.call('DELETE', at);
      if (answer.status !== 204) refused.push([at, answer]);
    }
    /** @type {any[]} */ let left = [];
    const gone = await settles(async () => {
      left = (await ours()).filter(({ id }) => !before.has(id));
      return !left.length;
    });
    return [gone && !refused.length, refused, left];
  });
};
