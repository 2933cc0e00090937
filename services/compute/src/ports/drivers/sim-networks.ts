import { createHash, randomBytes } from 'node:crypto';
import { em, run, sql, type Db } from '@nefos/service-kit';
import { DriverError, type Address, type ComputeDriver, type NicSpec } from '../driver.js';
import {
  NETWORK_KINDS,
  type NetRef,
  type NetworkAbilities,
  type NetworkDriver,
  type NetworkKind,
} from '../driver-networks.js';
import { failOnDemand, missing } from './sim-changes.js';
import { findMachine, lockMachine, writeAddresses } from './sim-machines.js';
import { simMachines } from './sim-tables.js';

export const SIM_NETWORKS: NetworkAbilities = { capabilities: new Set(NETWORK_KINDS), addresses: 'portal' };
/** A locally administered address, always the same for a text. */
export const macOf = (text: string): string => {
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 6);
  return `fa:16:3e:${(hash.match(/../g) as string[]).join(':')}`;
};
const addressesOf = (nic: NicSpec & { portId: string }, mac: string): Address[] =>
  (nic.fixedIps ?? []).map((addr) => ({
    network: nic.networkName,
    version: addr.includes(':') ? 6 : 4,
    addr,
    mac,
    type: 'fixed',
  }));

/** Interfaces that a machine gets and gives back while it is there. */
export const portCalls = (db: Db) =>
  ({
    attachPort: async ({ portalId }, nic) => {
      const found = await findMachine(db, portalId);
      if (!found) throw missing();
      await failOnDemand(db, portalId, 'attach', found);
      await db.transaction(async (tx) => {
        const machine = await lockMachine(tx, portalId);
        if (!machine) throw missing();
        if (machine.ports.some(({ portId }) => portId === nic.portId)) return;
        const mac = nic.mac ?? macOf(nic.portId);
        await writeAddresses(tx, portalId, [...machine.addresses, ...addressesOf(nic, mac)]);
        await em(tx).update(simMachines, { portalId }, { ports: [...machine.ports, { portId: nic.portId, mac }] });
      });
    },
    detachPort: async ({ portalId }, port) => {
      const found = await findMachine(db, portalId);
      if (!found) return;
      await failOnDemand(db, portalId, 'detach', found);
      await db.transaction(async (tx) => {
        const machine = await lockMachine(tx, portalId);
        if (!machine) return;
        const macs = machine.ports.filter(({ portId }) => portId === port.portId).map(({ mac }) => mac);
        const left = machine.addresses.filter(({ mac }) => !macs.includes(mac) && mac !== port.mac);
        const gone = machine.addresses.filter((one) => !left.includes(one)).map(({ addr }) => addr);
        await writeAddresses(tx, portalId, left);
        await run(tx, 'delete from sim_address where portal_id = $1 and address = any($2::inet[])', [portalId, gone]);
        const ports = machine.ports.filter(({ portId }) => portId !== port.portId);
        await em(tx).update(simMachines, { portalId }, { ports });
      });
    },
  }) satisfies Partial<ComputeDriver>;

/**
 * Networks, routers, ports and so on of a simulated region: what the portal wanted last. The portal chooses addresses.
 * SQL: upserts.
 */
export const simNetworks = (db: Db, region: string): NetworkDriver => {
  /** Fails as often as the name asks for, `sim:fail=network`. */
  const fail = (kind: NetworkKind, portalId: string, name: string): Promise<void> =>
    failOnDemand(db, portalId, kind.replaceAll('_', ''), { name, tags: [] });
  const demandThings = async (kind: NetworkKind, refs: readonly (NetRef | null)[]): Promise<void> => {
    const ids = refs.flatMap((ref) => (ref ? [ref.portalId] : []));
    if (!ids.length) return;
    const found = await sql(
      db,
      'select from sim_network_thing where kind = $1 and portal_id = any($2::uuid[]) and region = $3',
      [kind, ids, region],
    );
    if (found.length < new Set(ids).size) throw new DriverError('NOT_FOUND', `There is no such ${kind}.`);
  };
  const write = async (kind: NetworkKind, spec: NetRef & { name?: string }): Promise<string> => {
    await fail(kind, spec.portalId, spec.name ?? '');
    await run(
      db,
      `insert into sim_network_thing (kind, portal_id, region, spec) values ($1, $2, $3, $4::jsonb)
      on conflict (kind, portal_id) do update set spec = excluded.spec`,
      [kind, spec.portalId, region, JSON.stringify(spec)],
    );
    return spec.portalId;
  };
  return {
    ...SIM_NETWORKS,
    ensureNetwork: (spec) => write('network', spec),
    ensureSubnet: async (spec) => {
      await demandThings('network', [spec.network]);
      return write('subnet', spec);
    },
    ensureRouter: async (spec) => {
      await demandThings('subnet', spec.subnets);
      return write('router', spec);
    },
    ensureSecurityGroup: async (spec) => {
      await demandThings(
        'security_group',
        spec.rules.map(({ remoteGroup }) => (remoteGroup?.portalId === spec.portalId ? null : remoteGroup)),
      );
      return write('security_group', spec);
    },
    ensurePort: async (spec) => {
      await demandThings('security_group', spec.securityGroups ?? []);
      const mac = spec.mac ?? `fa:16:3e:${(randomBytes(3).toString('hex').match(/../g) as string[]).join(':')}`;
      const backendId = await write('port', spec);
      if (spec.machine) await writeMachineAddresses(spec.machine.portalId, mac, spec.fixedIps ?? []);
      return { backendId, mac, fixedIps: (spec.fixedIps ?? []).map(({ address, subnet }) => ({ address, subnet })) };
    },
    ensureFloatingIp: async (spec) => {
      if (spec.address === null)
        throw new DriverError('INVALID_REQUEST', 'The portal chooses the addresses of a simulated region.');
      const machine = spec.target?.machine ? await findMachine(db, spec.target.machine.portalId) : undefined;
      const name = machine ? [machine.name, ...machine.tags].join(' ') : '';
      return { backendId: await write('floating_ip', { ...spec, name }), address: spec.address };
    },
    remove: async (kind, { portalId }) => {
      await run(db, 'delete from sim_network_thing where kind = $1 and portal_id = $2 and region = $3', [
        kind,
        portalId,
        region,
      ]);
    },
    list: async (kind, { after, limit }) =>
      (
        await sql<{ portalId: string }>(
          db,
          `select portal_id "portalId" from sim_network_thing
          where kind = $1 and region = $2 and ($3::uuid is null or portal_id > $3) order by portal_id limit $4`,
          [kind, region, after, limit],
        )
      ).map(({ portalId }) => ({ portalId, backendId: portalId })),
  };

  /** Addresses of an interface that were added or taken since the machine got it. */
  async function writeMachineAddresses(
    portalId: string,
    mac: string,
    fixedIps: readonly { address: string }[],
  ): Promise<void> {
    await db.transaction(async (tx) => {
      const machine = await lockMachine(tx, portalId);
      const known = machine?.addresses.find((one) => one.mac === mac);
      if (!machine || !known) return;
      const others = machine.addresses.filter((one) => one.mac !== mac);
      const own = fixedIps.map(({ address }): Address => ({
        ...known,
        addr: address,
        version: address.includes(':') ? 6 : 4,
      }));
      await writeAddresses(tx, portalId, [...others, ...own]);
    });
  }
};
