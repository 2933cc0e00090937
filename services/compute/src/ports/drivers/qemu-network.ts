import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { compute } from '@nefos/contracts';
import { firstAddress, poolsOf } from '../../catalog/address-plan.js';
import { DriverError, type NicSpec } from '../driver.js';
import { createOnce, makeDirectory, namesIn, readText } from './qemu-files.js';
import type { QemuHost } from './qemu-host.js';
import { isId } from './qemu-paths.js';
import type { Nic } from './qemu-state.js';

// Addresses and ports of the host that machines have: a file each, with the id of its machine. Whoever finds a file of
// a machine that is not there may take it: its process died before it wrote the machine down.

/** So many addresses of a network are looked at. */
const MOST = 65_536n;

const isTaken = async (host: QemuHost, file: string, id: string): Promise<boolean> => {
  const owner = (await readText(file))?.trim();
  // A process died before it wrote the id: an empty file is nobody's.
  if (owner === undefined || owner === id || !isId(owner)) return false;
  return (await readText(path.join(host.places.machine(owner), 'vm.json'))) !== undefined;
};
/** Called under the region's lock. @returns false: another machine has it */
const take = async (host: QemuHost, file: string, id: string): Promise<boolean> => {
  if (await createOnce(file, id)) return true;
  if (await isTaken(host, file, id)) return false;
  await rm(file, { force: true });
  return createOnce(file, id);
};
const isFree = (address: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, address, () => server.close(() => resolve(true)));
  });

const networkDirectory = (host: QemuHost, networkId: string): string =>
  path.join(host.places.addresses, createHash('sha256').update(networkId).digest('hex').slice(0, 32));
/** @throws DriverError NO_CAPACITY: the network has no address left; CONFLICT: another machine has the wanted one */
const addressFor = async (host: QemuHost, id: string, nic: NicSpec): Promise<string | null> => {
  const dir = networkDirectory(host, nic.networkId);
  const wanted = nic.fixedIps?.find((address) => !address.includes(':'));
  const { cidr } = nic;
  if (wanted === undefined && (cidr === null || cidr.includes(':'))) return null;
  await makeDirectory(dir);
  if (wanted !== undefined) {
    if (await take(host, path.join(dir, wanted), id)) return wanted;
    throw new DriverError('CONFLICT', 'Another machine has the address.', { retryable: false });
  }
  const net = cidr as string;
  const gatewayIp = nic.gatewayIp === undefined ? (firstAddress(net) ?? null) : nic.gatewayIp;
  const used = new Set(await namesIn(dir));
  for (const pass of ['unused', 'left'] as const)
    for (const { start, end } of poolsOf({ cidr: net, gatewayIp, allocationPools: nic.pools ?? [] })) {
      const [first, last] = [compute.parseIp(start)?.value ?? 1n, compute.parseIp(end)?.value ?? 0n];
      for (let value = first; value <= last && value < first + MOST; value += 1n) {
        const address = compute.ipText({ version: 4, value });
        if ((pass === 'unused') !== used.has(address) && (await take(host, path.join(dir, address), id)))
          return address;
      }
    }
  throw new DriverError('NO_CAPACITY', 'The network has no address left.');
};
/** Ports of the host for a machine. @throws DriverError NO_CAPACITY */
export const takeForwards = (host: QemuHost, id: string, besides: readonly number[] = []): Promise<Nic['forwards']> =>
  host.locks.hold('region', async () => {
    const { forward_address: address, forward_ports: range, forward_to: guestPorts } = host.settings;
    await makeDirectory(host.places.ports);
    const forwards: { address: string; port: number; guestPort: number }[] = [];
    let port = range.first;
    for (const guestPort of guestPorts) {
      for (; ; port += 1) {
        if (port > range.last) throw new DriverError('NO_CAPACITY', 'The host has no port left to forward.');
        const file = path.join(host.places.ports, String(port));
        if (besides.includes(port) || !(await isFree(address, port))) continue;
        if (await take(host, file, id)) break;
      }
      forwards.push({ address, port, guestPort });
      port += 1;
    }
    return forwards;
  });
/** The same for each repetition: two machines of one address would not reach each other. */
export const macOf = (id: string, key: string): string => {
  const bytes = createHash('sha256').update(`${id} ${key}`).digest();
  return ['52', '54', '00', ...[0, 1, 2].map((i) => (bytes[i] as number).toString(16).padStart(2, '0'))].join(':');
};
/** An interface with its address. @param key names it among those of the machine */
export const makeNic = (host: QemuHost, id: string, spec: NicSpec, key: string): Promise<Nic> =>
  host.locks.hold('region', async () => {
    const address = await addressFor(host, id, spec);
    const { bridges } = host.settings;
    const cidr = address === null ? null : (spec.cidr ?? null);
    return {
      id: `n-${key}`,
      networkId: spec.networkId,
      networkName: spec.networkName,
      mac: spec.mac ?? macOf(id, key),
      address,
      cidr: cidr?.includes(':') ? null : cidr,
      gatewayIp: spec.gatewayIp ?? null,
      portId: spec.portId ?? null,
      bridge: bridges[spec.networkBackendId ?? ''] ?? bridges[spec.networkId] ?? null,
      forwards: [],
      slot: null,
    };
  });
/** Called under the region's lock, so an empty file is of a process that died between two lines. */
const release = async (file: string, id: string): Promise<void> => {
  const owner = (await readText(file))?.trim();
  if (owner === id || owner === '') await rm(file, { force: true });
};
export const releaseNic = (host: QemuHost, id: string, { networkId, address, forwards }: Nic): Promise<void> =>
  host.locks.hold('region', async () => {
    if (address !== null) await release(path.join(networkDirectory(host, networkId), address), id);
    for (const { port } of forwards) await release(path.join(host.places.ports, String(port)), id);
  });
/** All that a machine has, also what was not written down. */
export const releaseAll = (host: QemuHost, id: string): Promise<void> =>
  host.locks.hold('region', async () => {
    const dirs = [
      host.places.ports,
      ...(await namesIn(host.places.addresses)).map((name) => path.join(host.places.addresses, name)),
    ];
    for (const dir of dirs) for (const name of await namesIn(dir)) await release(path.join(dir, name), id);
  });
