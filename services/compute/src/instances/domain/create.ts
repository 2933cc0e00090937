import { randomUUID } from 'node:crypto';
import { Fault, forbidden, invalid, type Issue, type Tx } from '@nefos/service-kit';
import type { ComputeCtx, ComputeRequest } from '../../ctx.js';
import { dbOf } from '../../access/domain/claim.js';
import { availableCredit, shareOwner } from '../../owners/domain/owners.js';
import {
  isGivenTo,
  takeFlavor,
  type TakenFlavor,
  findImage,
  isSharedWith,
  shareImage,
  findNetworks,
  findRegion,
} from '../../catalog/domain/parts.js';
import type { ImageRow } from '../../catalog/domain/catalog.js';
import { insertInstance } from '../store/instances.js';
import { actingClient, callerOf } from '../../access/domain/caller.js';
import { recordOperation } from '../../operations/domain/accept.js';
import { clientSuspended } from '../../operations/domain/faults.js';
import { demand } from '../../access/domain/permissions.js';
import { reserveQuota } from './quota.js';

/** What is asked for (contract compute §6.1). */
export interface CreateInput {
  region: string;
  name: string;
  flavor: string;
  nics: readonly string[];
  shareImage: boolean;
  force: boolean;
  description: string | null;
  tags: readonly string[];
  deleteProtection: boolean;
  boot: { sourceType: 'image' | 'volume' | 'volumesnapshot' | 'iso'; sourceId: string; createNewVolume: boolean };
}
const pk = (path: PropertyKey[], value: string | number): Issue => ({ path, rule: 'pk', values: { pk: value } });
const text = (path: PropertyKey[], said: string): Fault => invalid([{ path, rule: 'text', values: { text: said } }]);

/** Everything that is named by id and must exist; all that is missing is told at once. */
const findParts = async (
  tx: Tx,
  input: CreateInput,
  owner: number,
  exists: boolean,
): Promise<{ flavor: TakenFlavor; image: ImageRow; region: { enabled: boolean } }> => {
  const issues: Issue[] = exists ? [] : [pk(['client'], owner)];
  const region = await findRegion(tx, input.region);
  if (!region) throw invalid([pk(['region'], input.region), ...issues]);
  const flavor = await takeFlavor(tx, input.flavor);
  if (!flavor || flavor.flavor_region !== input.region || flavor.disabled) issues.push(pk(['flavor'], input.flavor));
  const image =
    input.boot.sourceType === 'image' || input.boot.sourceType === 'iso'
      ? await findImage(tx, input.boot.sourceId)
      : undefined;
  if (!image || image.region_id !== input.region) issues.push(pk(['boot_source', 'source_id'], input.boot.sourceId));
  const networks = await findNetworks(tx, input.nics);
  input.nics.forEach((id, i) => {
    if (networks.find((one) => one.id === id)?.region_id !== input.region) issues.push(pk(['nics', i], id));
  });
  if (issues.length || !flavor || !image) throw invalid(issues);
  return { flavor, image, region };
};
/** What exists but is another project's looks absent. */
const checkVisible = async (
  tx: Tx,
  input: CreateInput,
  projectId: string,
  flavor: TakenFlavor,
  image: ImageRow,
  staff: boolean,
): Promise<void> => {
  if (!flavor.is_public && !(await isGivenTo(tx, flavor.flavor_id, projectId)))
    throw invalid([pk(['flavor'], flavor.flavor_id)]);
  const networks = await findNetworks(tx, input.nics);
  const foreign = input.nics.findIndex((id) =>
    networks.some((one) => one.id === id && !one.shared && one.project_id !== projectId),
  );
  if (foreign >= 0) throw invalid([pk(['nics', foreign], input.nics[foreign] as string)]);
  if (
    image.visibility === 'public' ||
    image.visibility === 'community' ||
    image.project_id === projectId ||
    (await isSharedWith(tx, image.id, projectId))
  )
    return;
  if (!staff) throw invalid([pk(['boot_source', 'source_id'], image.id)]);
  if (!input.shareImage) throw text(['boot_source', 'source_id'], 'The image belongs to another project.');
  await shareImage(tx, image.id, projectId);
};
const checkFit = (
  input: CreateInput,
  region: { enabled: boolean },
  flavor: TakenFlavor,
  image: ImageRow,
  staff: boolean,
): void => {
  if (!region.enabled) throw text(['region'], 'Region is not enabled.');
  if (input.boot.sourceType !== 'image')
    throw text(['boot_source', 'source_type'], 'This boot source is not supported in this region.');
  if (input.boot.createNewVolume)
    throw text(['boot_source', 'create_new_volume'], 'Volumes are not supported in this region.');
  if (flavor.out_of_stock && !(staff && input.force))
    throw new Fault('invalid', 'out_of_stock', {
      issues: [{ path: ['flavor'], rule: 'text', values: { text: 'This flavor is out of stock.' } }],
    });
  if (image.status !== 'active') throw text(['boot_source', 'source_id'], `Image ${image.id} is not active.`);
  if (image.min_ram > flavor.memory_mb) throw text(['flavor'], "Flavor's memory is too small for requested image.");
  if (image.min_disk > flavor.root_gb) throw text(['flavor'], "Flavor's disk is too small for requested image.");
};
/** Both have two decimals; a double would round large ones. */
const cents = (amount: string): bigint => BigInt(amount.replace('.', ''));
const checkCredit = (available: string, required: string, currency: string): void => {
  if (cents(available) < cents(required))
    throw forbidden('insufficient_credit', {
      detail: `Insufficient credit: ${available} ${currency} available, ${required} ${currency} required.`,
    });
};

/**
 * Accepts a new instance: row, operation and job in one transaction; the machine follows. The checks come in the contract's order.
 * @param client whom staff makes it for; end users' own client is chosen by `acting`
 */
export const createInstance = (
  ctx: ComputeRequest,
  input: CreateInput,
  { client, acting }: { client?: number; acting?: string | undefined },
): Promise<{ id: string; operationId: string }> => {
  const caller = callerOf(ctx);
  demand(caller, 'instances.create');
  const clientId = client ?? actingClient(caller, acting);
  return dbOf(ctx).transaction(async (tx) => {
    const owner = await shareOwner(tx, clientId);
    if (!caller.staff && owner?.hold) throw clientSuspended();
    const { flavor, image, region } = await findParts(tx, input, clientId, owner !== undefined);
    if (!owner) throw invalid([pk(['client'], clientId)]);
    if (owner.hold)
      throw text(['client'], owner.hold === 'deleting' ? 'Client is being deleted.' : 'Client is suspended.');
    if (!owner.serviceActive || !owner.projectId) throw text(['client'], 'Client has no active OpenStack service.');
    await checkVisible(tx, input, owner.projectId, flavor, image, caller.staff);
    checkFit(input, region, flavor, image, caller.staff);
    checkCredit(await availableCredit(tx, clientId), owner.requiredCredit, owner.currency);
    await reserveQuota(tx, owner.projectId, flavor);
    return insert(tx, ctx, input, { clientId, projectId: owner.projectId, image });
  });
};

const insert = async (
  tx: Tx,
  ctx: ComputeCtx & { requestId: string },
  input: CreateInput,
  { clientId, projectId, image }: { clientId: number; projectId: string; image: ImageRow },
): Promise<{ id: string; operationId: string }> => {
  const { userId, username } = callerOf(ctx);
  const id = randomUUID();
  const operationId = randomUUID();
  await insertInstance(tx, {
    id,
    operationId,
    clientId,
    projectId,
    region: input.region,
    flavorId: input.flavor,
    imageId: image.id,
    imageName: image.name,
    osDistro: image.os_distro,
    networks: input.nics,
    name: input.name,
    description: input.description,
    tags: input.tags,
    deleteProtection: input.deleteProtection,
  });
  await recordOperation(tx, {
    id: operationId,
    action: 'create',
    instanceId: id,
    clientId,
    previousState: 'building',
    by: { id: userId, name: username },
    requestId: ctx.requestId,
    params: { flavor: input.flavor, image: image.id, region: input.region, name: input.name, project: projectId },
  });
  return { id, operationId };
};
