import { randomUUID } from 'node:crypto';
import { facadeNetwork, type Contract } from '@nefos/contracts';
import { createFastServer } from '@nefos/service-kit';
import { call, checksums, describeMatrix, isSafe, listening, type Ids, type Outcome } from '@nefos/testing';
import { facadeNetworkEndpoints } from '../../src/facade-network/api/endpoints.js';
import { useCloud } from '../cloud-support.js';
import { FACE_CALLERS, useFaces, type FaceCaller } from '../facade/face-support.js';
import { raiseQuotas, useNetwork, V } from './face-network-support.js';

const contracts: readonly Contract[] = facadeNetworkEndpoints.map(({ contract }) => contract);
const pathOf = ({ path }: Contract): string => path.slice(V.length + 1);
/** What administrators alone ask for. */
const isAdmins = (contract: Contract): boolean =>
  ['quotas', 'agents'].includes(pathOf(contract)) || (pathOf(contract).startsWith('quotas/') && !isSafe(contract));

const outcome = (contract: Contract, who: FaceCaller): Outcome => {
  if (contract.access === 'public') return 'allowed';
  if (who === 'nobody' || who === 'garbage') return 401;
  if (who === 'unscoped' || who === 'component') return 403;
  if (who === 'reader' && !isSafe(contract)) return 403;
  if (facadeNetwork.refusedCreates.some((one) => one.path === contract.path) && !isSafe(contract)) return 400;
  if (isAdmins(contract)) return who === 'staff' ? 'allowed' : 403;
  const outside = who === 'homeless' || who === 'stranger';
  if (pathOf(contract).startsWith('quotas/')) return outside ? 403 : 'allowed';
  if (contract === facadeNetwork.createPortForwarding) return outside ? 'absent' : 400;
  if (contract.path.includes('/:id')) return outside ? 'absent' : 'allowed';
  if (contract.method !== 'post') return 'allowed';
  // What a subnet and a rule are made on is named in the body: another project's looks absent.
  if (/^(subnets|ports|security-group-rules)$/.test(pathOf(contract))) {
    if (who === 'homeless') return pathOf(contract) === 'ports' ? 403 : 'absent';
    if (who === 'stranger') return 'absent';
    return 'allowed';
  }
  return who === 'homeless' ? 403 : 'allowed';
};

describe('who may do what at the network API', () => {
  const cloud = useCloud();
  const { service } = cloud;
  const face = useFaces(service);
  const nets = useNetwork(service, face);
  let server: Awaited<ReturnType<typeof listening>>;
  let owned: Ids;
  let external: string;
  /** One of everything, none of which the others use. */
  const whole = async (): Promise<Ids> => {
    const free = await nets.make('networks', { name: nets.unique() });
    const { network, subnet } = await nets.net();
    const loose = await nets.net();
    const group = await nets.make('security-groups', { name: nets.unique() });
    const all = {
      networks: free.id,
      subnets: loose.subnet,
      ports: (await nets.make('ports', { network_id: network })).id,
      routers: (await nets.make('routers', { name: nets.unique() })).id,
      floatingips: (await nets.make('floatingips', { floating_network_id: external })).id,
      'security-groups': group.id,
      'security-group-rules': (
        await nets.make('security-group-rules', { security_group_id: group.id, direction: 'ingress' })
      ).id,
    };
    for (const [path, id] of Object.entries(all)) await face.user.put(`${V}/${path}/${id}/tags/kept`).expect(201);
    return { ...all, network, subnet, group: group.id };
  };
  const kindOf = (contract: Contract): string => pathOf(contract).split('/')[0] as string;
  const idsFor = (contract: Contract, ids: Ids): Ids => ({
    ...ids,
    id: ids[kindOf(contract)] ?? '',
    tag: 'kept',
    project: face.project,
    alias: 'router',
  });
  beforeAll(async () => {
    server = await listening(createFastServer(service.app));
    ({ network: external } = await nets.outside());
    owned = await whole();
  });
  afterAll(() => server.close());

  const bodyOf = (contract: Contract, ids: Ids): unknown => {
    if (contract.path.endsWith('/tags')) return { tags: ['more'] };
    if (contract.path.endsWith('/add_router_interface')) return { subnet_id: ids.subnet };
    if (contract.path.endsWith('/remove_router_interface')) return { subnet_id: ids.connected };
    if (contract.path.includes('/tags/')) return undefined;
    const name = nets.unique();
    switch (`${contract.method} ${kindOf(contract)}`) {
      case 'post networks':
        return { network: { name } };
      case 'post subnets':
        return { subnet: { network_id: ids.networks, cidr: '10.230.0.0/24' } };
      case 'post ports':
        return { port: { network_id: ids.network } };
      case 'post routers':
        return { router: { name } };
      case 'post floatingips':
        return { floatingip: { floating_network_id: external } };
      case 'post security-groups':
        return { security_group: { name } };
      case 'post security-group-rules':
        return { security_group_rule: { security_group_id: ids.group, direction: 'egress', protocol: 'tcp' } };
      case 'put networks':
        return { network: { name } };
      case 'put subnets':
        return { subnet: { name } };
      case 'put ports':
        return { port: { name } };
      case 'put routers':
        return { router: { name } };
      case 'put floatingips':
        return { floatingip: { description: name } };
      case 'put security-groups':
        return { security_group: { name } };
      case 'put security-group-rules':
        return { security_group_rule: { description: name } };
      case 'put quotas':
        return { quota: { network: 499 } };
      default:
        return contract.method === 'post' && contract.body ? { anything: {} } : undefined;
    }
  };

  it('every endpoint of the network API is walked', () => {
    expect(contracts.length).toBeGreaterThan(95);
  });
  describeMatrix<FaceCaller>({
    contracts,
    callers: FACE_CALLERS,
    outcome,
    bodies: Object.fromEntries(
      contracts.map((contract) => [`${contract.method} ${contract.path}`, (ids: Ids) => bodyOf(contract, ids)]),
    ),
    send: (who, { method, path, body }) => {
      const { token } = face[who];
      // Staff name the project for which something is made.
      const given = who === 'staff' && method === 'post' ? inProject(body, face.project) : body;
      return call(server.base + path, {
        method,
        body: given,
        headers: token === undefined ? {} : { 'X-Auth-Token': token },
      });
    },
    owned: (contract) => idsFor(contract, owned),
    unknown: (contract) => ({ ...idsFor(contract, owned), ...unknownIds() }),
    fresh: async (contract) => {
      if (isSafe(contract)) return idsFor(contract, owned);
      // FaceCaller takes the quotas back to the defaults leaves too little room.
      await raiseQuotas(service);
      const ids = await whole();
      if (!contract.path.endsWith('/remove_router_interface')) return idsFor(contract, ids);
      const { subnet: connected } = await nets.net();
      await face.user.put(`${V}/routers/${ids.routers}/add_router_interface`, { subnet_id: connected }).expect(200);
      return { ...idsFor(contract, ids), connected };
    },
    state: () => checksums(service.db),
  });
});
const inProject = (body: unknown, project: string): unknown =>
  typeof body === 'object' && body !== null
    ? Object.fromEntries(Object.entries(body).map(([name, one]) => [name, { ...(one as object), project_id: project }]))
    : body;
const unknownIds = (): Ids => ({
  id: randomUUID(),
  networks: randomUUID(),
  network: randomUUID(),
  group: randomUUID(),
});
