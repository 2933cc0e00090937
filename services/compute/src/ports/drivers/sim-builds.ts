import { randomUUID } from 'node:crypto';
import type { Db, Tx } from '@nefos/service-kit';
import { DriverError, type Address, type InstanceSpec, type NicSpec, type Ref } from '../driver.js';
import { failOnDemand } from './sim-changes.js';
import { readFaults, type SimFaults } from './sim-faults.js';
import { clearDestroyed, findMachine, insertMachine, lockMachine, writeAddresses } from './sim-machines.js';
import { macOf } from './sim-networks.js';
import { assignAddress, lockRegion, pickHost, takeAddresses } from './sim-room.js';
import type { SimPort } from './sim-tables.js';

export interface BuildOptions {
  region: string;
  hosts: readonly string[];
  hostMemoryMb: number;
  latency: (faults: SimFaults) => number;
}
/** Builds machines. @throws DriverError NO_CAPACITY, INTERNAL */
export const createBuilder = (
  db: Db,
  { region, hosts, hostMemoryMb, latency }: BuildOptions,
): ((spec: InstanceSpec) => Promise<Ref>) => {
  /** What `find` finds; if it finds nothing, it is tried once more after destroyed machines have been cleared. */
  const withRoom = async <T>(tx: Tx, find: () => Promise<T | undefined>): Promise<T | undefined> => {
    const found = await find();
    if (found !== undefined) return found;
    await clearDestroyed(tx, { region, portalId: null });
    return find();
  };
  /** The addresses of an interface: those that the portal has chosen, else the first free one. */
  const addressesOf = async (tx: Tx, portalId: string, nic: NicSpec): Promise<readonly string[]> => {
    if (nic.fixedIps?.length) {
      await takeAddresses(tx, portalId, nic.networkId, nic.fixedIps);
      return nic.fixedIps;
    }
    if (nic.cidr === null) return [];
    const addr = await withRoom(tx, () => assignAddress(tx, portalId, nic));
    if (addr === undefined)
      throw new DriverError('NO_CAPACITY', `No more IP addresses available on network ${nic.networkId}.`);
    return [addr];
  };
  const assignAddresses = async (tx: Tx, spec: InstanceSpec): Promise<{ addresses: Address[]; ports: SimPort[] }> => {
    const addresses: Address[] = [];
    const ports: SimPort[] = [];
    for (const [index, nic] of spec.nics.entries()) {
      const mac = nic.mac ?? macOf(`${spec.portalId}/${index}`);
      if (nic.portId !== undefined) ports.push({ portId: nic.portId, mac });
      for (const addr of await addressesOf(tx, spec.portalId, nic))
        addresses.push({ network: nic.networkName, version: addr.includes(':') ? 6 : 4, addr, mac, type: 'fixed' });
    }
    return { addresses, ports };
  };
  return async (spec) => {
    const { portalId } = spec;
    const found = await findMachine(db, portalId);
    if (found) return { portalId, backendId: found.backendId };
    const faults = readFaults(spec.name, spec.tags);
    if (faults.noCapacity) throw new DriverError('NO_CAPACITY', 'No valid host was found.');
    await failOnDemand(db, portalId, 'spawn', spec);
    return db.transaction(async (tx) => {
      await lockRegion(tx, region);
      const existing = await lockMachine(tx, portalId);
      if (existing) return { portalId, backendId: existing.backendId };
      const host = await withRoom(tx, () => pickHost(tx, hosts, hostMemoryMb, spec.flavor.memoryMb));
      if (host === undefined) throw new DriverError('NO_CAPACITY', 'No valid host was found.');
      const backendId = randomUUID();
      const { crashAfterSeconds } = faults;
      await insertMachine(tx, spec, { backendId, host, ms: latency(faults), crashAfterSeconds });
      const { addresses, ports } = await assignAddresses(tx, spec);
      await writeAddresses(tx, portalId, addresses, ports);
      return { portalId, backendId };
    });
  };
};
