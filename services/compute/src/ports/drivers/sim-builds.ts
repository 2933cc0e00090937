import { randomUUID } from 'node:crypto';
import { together, type Db, type Tx } from '@nefos/service-kit';
import { DriverError, type Address, type InstanceSpec, type NicSpec, type Ref } from '../driver.js';
import { failOnDemand } from './sim-changes.js';
import { readFaults, type SimFaults } from './sim-faults.js';
import { clearDestroyed, findBuilt, findMachine, insertMachines, type NewMachine } from './sim-machines.js';
import { macOf } from './sim-networks.js';
import { freeAddresses, freeMemory, lockRegion, takeAddresses, type TakenAddress } from './sim-room.js';
import type { SimPort } from './sim-tables.js';
import { attachAll, whyNotAttached } from './sim-volumes.js';

export interface BuildOptions {
  region: string;
  hosts: readonly string[];
  hostMemoryMb: number;
  latency: (faults: SimFaults) => number;
}
interface Placed {
  addresses: readonly Address[];
  ports: readonly SimPort[];
  taken: readonly TakenAddress[];
}
type Built = NewMachine & Placed;
const noHost = (): DriverError => new DriverError('NO_CAPACITY', 'No valid host was found.');

/** Gives each machine the first host with enough free memory. */
const hostGiver = async (tx: Tx, { region, hosts, hostMemoryMb }: BuildOptions) => {
  let free = await freeMemory(tx, hosts, hostMemoryMb);
  let given: { host: string; memoryMb: number }[] = [];
  const find = (memoryMb: number) =>
    free.find(
      (one) => one.freeMb - given.reduce((sum, g) => sum + (g.host === one.host ? g.memoryMb : 0), 0) >= memoryMb,
    )?.host;
  let cleared = false;
  return async (memoryMb: number): Promise<string | undefined> => {
    let host = find(memoryMb);
    if (host === undefined && !cleared) {
      cleared = true;
      await clearDestroyed(tx, { region, portalId: null });
      free = await freeMemory(tx, hosts, hostMemoryMb);
      host = find(memoryMb);
    }
    if (host !== undefined) given = [...given, { host, memoryMb }];
    return host;
  };
};
/** Gives addresses of networks: of each those that all machines need are looked for at once. */
const addressGiver = (tx: Tx, region: string, specs: readonly InstanceSpec[]) => {
  const needed = new Map<string, number>();
  for (const { networkId } of specs.flatMap(({ nics }) => nics))
    needed.set(networkId, (needed.get(networkId) ?? 0) + 1);
  const free = new Map<string, string[]>();
  return async (nic: NicSpec): Promise<string | undefined> => {
    const count = needed.get(nic.networkId) ?? 1;
    let found = free.get(nic.networkId);
    if (!found) {
      found = await freeAddresses(tx, nic, count);
      if (found.length < count) {
        await clearDestroyed(tx, { region, portalId: null });
        found = await freeAddresses(tx, nic, count);
      }
      free.set(nic.networkId, found);
    }
    return found.shift();
  };
};

/**
 * Builds machines. Those of one region are placed one transaction at a time, so those that wait for it are built
 * together in the next one. @throws DriverError NO_CAPACITY, INTERNAL
 */
export const createBuilder = (db: Db, options: BuildOptions): ((spec: InstanceSpec) => Promise<Ref>) => {
  const { region, latency } = options;
  const addressesOf = async (
    { portalId, nics }: InstanceSpec,
    give: (nic: NicSpec) => Promise<string | undefined>,
  ): Promise<Placed | DriverError> => {
    const addresses: Address[] = [];
    const ports: SimPort[] = [];
    const taken: TakenAddress[] = [];
    for (const [index, nic] of nics.entries()) {
      const { networkId, networkName: network, portId, fixedIps = [] } = nic;
      const mac = nic.mac ?? macOf(`${portalId}/${index}`);
      if (portId !== undefined) ports.push({ portId, mac });
      const chosen = fixedIps.length > 0;
      if (!chosen && nic.cidr === null) continue;
      const given = chosen ? fixedIps : [await give(nic)];
      for (const addr of given) {
        if (addr === undefined)
          return new DriverError('NO_CAPACITY', `No more IP addresses available on network ${networkId}.`);
        addresses.push({ network, version: addr.includes(':') ? 6 : 4, addr, mac, type: 'fixed' });
        taken.push({ networkId, addr, portalId, chosen });
      }
    }
    return { addresses, ports, taken };
  };
  /** @returns the new machine, the id of one that is there already, or why it can not be built */
  const place = async (tx: Tx, specs: readonly InstanceSpec[]): Promise<(Built | string | DriverError)[]> => {
    const ids = specs.map(({ portalId }) => portalId);
    const built = await findBuilt(tx, ids);
    const giveHost = await hostGiver(tx, options);
    const giveAddress = addressGiver(tx, region, specs);
    const placeOne = async (spec: InstanceSpec): Promise<Built | string | DriverError> => {
      const known = built.get(spec.portalId);
      if (known !== undefined) return known;
      const host = await giveHost(spec.flavor.memoryMb);
      if (host === undefined) return noHost();
      const refused = await whyNotAttached(tx, spec);
      if (refused) return refused;
      const given = await addressesOf(spec, giveAddress);
      if (given instanceof DriverError) return given;
      const faults = readFaults(spec.name, spec.tags);
      const backendId = randomUUID();
      built.set(spec.portalId, backendId);
      return { ...given, spec, backendId, host, ms: latency(faults), crashAfterSeconds: faults.crashAfterSeconds };
    };
    const placed: (Built | string | DriverError)[] = [];
    for (const spec of specs) placed.push(await placeOne(spec));
    return placed;
  };
  const build = together(
    (specs: readonly InstanceSpec[]) =>
      db.transaction(async (tx) => {
        await lockRegion(tx, region);
        const placed = await place(tx, specs);
        const made = placed.filter((one) => typeof one === 'object' && 'spec' in one);
        if (made.length) await insertMachines(tx, made);
        for (const { spec } of made) await attachAll(tx, spec);
        const taken = made.flatMap((one) => one.taken);
        for (const chosen of [true, false]) {
          const these = taken.filter((one) => one.chosen === chosen);
          if (these.length) await takeAddresses(tx, these, chosen);
        }
        return placed.map((one) => (typeof one === 'object' && 'spec' in one ? one.backendId : one));
      }),
    { most: 50 },
  );
  return async (spec) => {
    const { portalId } = spec;
    const faults = readFaults(spec.name, spec.tags);
    if (faults.noCapacity || faults.fail.has('spawn')) {
      const found = await findMachine(db, portalId);
      if (found) return { portalId, backendId: found.backendId };
      if (faults.noCapacity) throw noHost();
      await failOnDemand(db, portalId, 'spawn', spec);
    }
    const result = await build(spec);
    if (result instanceof DriverError) throw result;
    return { portalId, backendId: result };
  };
};
