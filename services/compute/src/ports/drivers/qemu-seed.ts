import path from 'node:path';
import type { GuestSpec } from '../driver.js';
import { guestData } from './guest-data.js';
import { makeDirectory, writeWhole } from './qemu-files.js';
import type { Nic } from './qemu-state.js';

// What cloud-init reads at a guest's boot: a disk with the label `cidata` (NoCloud). JSON is YAML.

/** A name as a host may have: what a user wrote is not taken for more than that. */
export const hostnameOf = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .slice(0, 63)
    .replace(/^-+|(?<!-)-+$/g, '') || 'instance';
type SeedNic = Pick<Nic, 'mac' | 'bridge' | 'address' | 'cidr' | 'gatewayIp'>;
/** On a bridge, nobody of ours answers DHCP: the guest is told its address. */
const addressing = ({ bridge, address, cidr, gatewayIp }: SeedNic): object =>
  bridge === null || address === null || cidr === null
    ? { dhcp4: true }
    : { addresses: [`${address}/${cidr.split('/')[1] ?? '32'}`], ...(gatewayIp !== null && { gateway4: gatewayIp }) };
/** Files of the seed by their names. @param instanceId another one: the guest is set up anew */
export const seedFiles = (
  { instanceId, name, nics }: { instanceId: string; name: string; nics: readonly SeedNic[] },
  guest: GuestSpec,
): Readonly<Record<string, Buffer> & { 'user-data': Buffer }> => {
  const json = (value: unknown): Buffer => Buffer.from(`${JSON.stringify(value)}\n`);
  const keys = guest.sshKeys ?? [];
  const meta = {
    'instance-id': instanceId,
    'local-hostname': hostnameOf(name),
    ...(keys.length && { 'public-keys': keys }),
  };
  const ethernets = Object.fromEntries(
    nics.map((nic, i) => [
      `nic${i}`,
      { match: { macaddress: nic.mac }, ...addressing(nic), ...(i && { optional: true }) },
    ]),
  );
  return {
    'meta-data': json(meta),
    'user-data': guestData(guest) ?? Buffer.from('#cloud-config\n{}\n'),
    ...(nics.length && { 'network-config': json({ version: 2, ethernets }) }),
  };
};
export const writeSeed = async (dir: string, files: Readonly<Record<string, Buffer>>): Promise<void> => {
  await makeDirectory(dir);
  for (const [name, data] of Object.entries(files)) await writeWhole(path.join(dir, name), data);
};
