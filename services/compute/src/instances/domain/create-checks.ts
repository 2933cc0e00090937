import { invalid, type Issue, type Tx } from '@nefos/service-kit';
import {
  findImage,
  findNetworks,
  findRegion,
  lockFlavor,
  mayUseFlavor,
  mayUseImage,
  shareImage,
  type CreatableFlavor,
  type Image,
  type NetworkWithSubnets,
} from '../../catalog/domain/parts.js';
import { invalidValue, refusal, refusedValue, unknownKey } from '../../refusals.js';
import type { Nic, PlacedNic } from '../../networking/domain/machine-ports.js';
import type { VolumeDriver } from '../../ports/driver-volumes.js';
import type { DiskInput } from './disks.js';
import type { GuestInput } from './guests.js';
import { bootsVolume, checkBoot, type BootInput } from './volumes.js';

/** An instance to be created (contract compute §6.1). */
export interface CreateInput {
  region: string;
  name: string;
  flavor: string;
  nics: readonly Nic[];
  /** Names or ids. */
  securityGroups: readonly string[];
  /** Staff may share another project's image with the client's project. */
  shareImage: boolean;
  /** Staff may use a flavor that is out of stock. */
  force: boolean;
  description: string | null;
  tags: readonly string[];
  deleteProtection: boolean;
  guest: GuestInput;
  boot: BootInput;
  /** Beside the root disk. */
  disks?: readonly DiskInput[];
}
/** What a new instance is made of. */
export interface Parts {
  flavor: CreatableFlavor;
  /** Null: the root disk is a volume or a snapshot of one. */
  image: Image | null;
  region: { enabled: boolean; enableVolumes: boolean };
  networks: readonly NetworkWithSubnets[];
}

/** As it is asked for, with the networks of its ports. */
export type PlacedInput = Omit<CreateInput, 'nics'> & { nics: readonly PlacedNic[] };

/**
 * Finds region, flavor, image and networks. An unknown region is refused first, then all other ids that do not exist,
 * together.
 * @param exists whether the client exists
 * @throws Fault invalid
 */
export const findParts = async (tx: Tx, input: PlacedInput, clientId: number, exists: boolean): Promise<Parts> => {
  const issues: Issue[] = exists ? [] : [unknownKey(['client'], clientId)];
  const region = await findRegion(tx, input.region);
  if (!region) throw invalid([unknownKey(['region'], input.region), ...issues]);
  const flavor = await lockFlavor(tx, input.flavor);
  if (!flavor || flavor.flavorRegion !== input.region || flavor.disabled)
    issues.push(unknownKey(['flavor'], input.flavor));
  const { sourceType, sourceId } = input.boot;
  const isImage = sourceType === 'image' || sourceType === 'iso';
  const image = isImage ? await findImage(tx, sourceId) : null;
  if (isImage && image?.regionId !== input.region) issues.push(unknownKey(['boot_source', 'source_id'], sourceId));
  const networks = await findNetworks(
    tx,
    input.nics.map(({ network }) => network),
  );
  input.nics.forEach(({ network: id }, i) => {
    if (networks.find((one) => one.id === id)?.regionId !== input.region) issues.push(unknownKey(['nics', i], id));
  });
  if (issues.length || !flavor || image === undefined) throw invalid(issues);
  return { flavor, image, networks, region };
};

/**
 * Checks that the project may use the parts; those of another project look absent. Shares the image where staff asked
 * for it.
 * @throws Fault invalid
 */
export const checkVisible = async (
  tx: Tx,
  input: PlacedInput,
  projectId: string,
  { flavor, image, networks }: Parts,
  { staff }: { staff: boolean },
): Promise<void> => {
  if (!(await mayUseFlavor(tx, flavor, projectId))) throw invalid([unknownKey(['flavor'], flavor.flavorId)]);
  const foreign = input.nics.find(({ network, port }) =>
    networks.some((one) => one.id === network && port === null && !one.shared && one.projectId !== projectId),
  );
  if (foreign) throw invalid([unknownKey(['nics', input.nics.indexOf(foreign)], foreign.network)]);
  if (!image || (await mayUseImage(tx, image, projectId))) return;
  if (!staff) throw invalid([unknownKey(['boot_source', 'source_id'], image.id)]);
  if (!input.shareImage) throw invalidValue(['boot_source', 'source_id'], 'create.image_foreign');
  await shareImage(tx, image.id, projectId);
};

/**
 * Checks that the region accepts the parts and that they fit each other.
 * @throws Fault invalid, invalid/out_of_stock
 */
export const checkFit = (
  input: Pick<CreateInput, 'boot' | 'force'>,
  { region, flavor, image }: Parts,
  { staff, volumes }: { staff: boolean; volumes: VolumeDriver | undefined },
): void => {
  if (!region.enabled) throw invalidValue(['region'], 'create.region_disabled');
  checkBoot(input.boot, region, volumes);
  if (flavor.outOfStock && !(staff && input.force))
    throw invalid([refusedValue(['flavor'], 'create.out_of_stock')], 'out_of_stock');
  if (!image) return;
  if (image.status !== 'active')
    throw invalidValue(['boot_source', 'source_id'], 'create.image_inactive', { id: image.id });
  if (image.minRam > flavor.memoryMb) throw invalidValue(['flavor'], 'create.memory_small');
  if (!bootsVolume(input.boot) && image.minDisk > flavor.rootGb) throw invalidValue(['flavor'], 'create.disk_small');
};

/** Amounts have two decimals; a double would round large ones. */
const cents = (amount: string): bigint => BigInt(amount.replace('.', ''));
/** @throws Fault forbidden/create.credit */
export const checkCredit = (available: string, required: string, currency: string): void => {
  if (cents(available) < cents(required))
    throw refusal('forbidden', 'create.credit', { available, required, currency });
};
