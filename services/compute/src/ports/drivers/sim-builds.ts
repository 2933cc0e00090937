import { createHash, randomUUID } from 'node:crypto';
import type { Db, Tx } from '@nefos/service-kit';
import { DriverError, type Address, type InstanceSpec, type Ref } from '../driver.js';
import { failOnDemand } from './sim-changes.js';
import { readFaults, type SimFaults } from './sim-faults.js';
import { clearDestroyed, findMachine, insertMachine, lockMachine, writeAddresses } from './sim-machines.js';
import { assignAddress, lockRegion, pickHost } from './sim-room.js';
import { attachAll } from './sim-volumes.js';

/** A locally administered address, always the same for a machine and the position of its interface. */
const macOf = (portalId: string, index: number): string => {
  const hash = createHash('sha256').update(`${portalId}/${index}`).digest('hex').slice(0, 6);
  return `fa:16:3e:${(hash.match(/../g) as string[]).join(':')}`;
};

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
  const assignAddresses = async (tx: Tx, spec: InstanceSpec): Promise<Address[]> => {
    const addresses: Address[] = [];
    for (const [index, nic] of spec.nics.entries()) {
      const { networkId, networkName } = nic;
      if (nic.cidr === null) continue;
      const addr = await withRoom(tx, () => assignAddress(tx, spec.portalId, nic));
      if (addr === undefined)
        throw new DriverError('NO_CAPACITY', `No more IP addresses available on network ${networkId}.`);
      addresses.push({
        network: networkName,
        version: addr.includes(':') ? 6 : 4,
        addr,
        mac: macOf(spec.portalId, index),
        type: 'fixed',
      });
    }
    return addresses;
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
      await attachAll(tx, spec);
      await writeAddresses(tx, portalId, await assignAddresses(tx, spec));
      return { portalId, backendId };
    });
  };
};
