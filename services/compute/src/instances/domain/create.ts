import { randomUUID } from 'node:crypto';
import type { Tx } from '@nefos/service-kit';
import type { ComputeRequest } from '../../ctx.js';
import { actingClient, callerOf } from '../../access/domain/caller.js';
import { dbOf } from '../../access/domain/claim.js';
import { demand } from '../../access/domain/permissions.js';
import type { Image } from '../../catalog/domain/parts.js';
import { demandNics, groupsFor, makePorts, placeNics } from '../../networking/domain/machine-ports.js';
import { recordOperation, askedBy } from '../../operations/domain/accept.js';
import { clientSuspended } from '../../operations/domain/faults.js';
import { keepSecret, namesOf, type OperationSecret } from '../../operations/domain/secrets.js';
import { availableCredit, shareLockOwner } from '../../owners/domain/owners.js';
import { insertInstance } from '../store/instances.js';
import { checkCredit, checkFit, checkVisible, findParts, type CreateInput, type PlacedInput } from './create-checks.js';
import { checkGuest } from './guests.js';
import { demandOwner } from '../../owners/domain/new-owner.js';
import { reserveInstance } from './quota.js';
import { findDisks, giveDisks, lockNamed } from './disks.js';
import { bootsVolume, findRoot, giveRoot, systemOn, type Root } from './volumes.js';

export type { CreateInput } from './create-checks.js';

/**
 * Accepts a new instance: row, operation and job in one transaction; a job builds the machine. The checks come in the
 * contract's order.
 * @param options.client for whom staff create it.
 * @param options.acting the client that an end user names; else the user's own
 * @throws Fault invalid, invalid/out_of_stock, forbidden, forbidden/client.suspended, forbidden/create.credit,
 * forbidden/create.quota
 */
export const createInstance = (
  ctx: ComputeRequest,
  asked: CreateInput,
  { client, acting }: { client?: number; acting?: string | undefined },
): Promise<{ id: string; operationId: string }> => {
  const caller = callerOf(ctx);
  demand(caller, 'instances.create');
  const clientId = client ?? actingClient(caller, acting);
  return dbOf(ctx).transaction(async (tx) => {
    const owner = await shareLockOwner(tx, clientId);
    if (!caller.staff && owner?.hold) throw clientSuspended();
    const input = { ...asked, nics: await placeNics(tx, asked.nics, owner?.projectId ?? null) };
    const parts = await findParts(tx, input, clientId, owner !== undefined);
    const { projectId, requiredCredit, currency } = demandOwner(owner, clientId);
    await checkVisible(tx, input, projectId, parts, caller);
    checkFit(input, parts, { staff: caller.staff, volumes: ctx.drivers.of(input.region).volumes });
    demandNics(ctx, input.region, input);
    const owned = { clientId, projectId, staff: caller.staff };
    const { region: regionId, name, boot, disks = [] } = input;
    const rootVolume = boot.sourceType === 'volume' ? boot.sourceId : null;
    const named = [rootVolume, ...disks.flatMap(({ volume, source }) => [volume, source.volume ?? null])];
    await lockNamed(
      tx,
      named.flatMap((id) => id ?? []),
    );
    const root = await findRoot(tx, boot, { regionId, image: parts.image, owner: owned });
    const further = await findDisks(ctx, tx, disks, {
      regionId,
      owner: owned,
      bootsVolume: bootsVolume(boot),
      root: root?.kind === 'volume' ? root.id : null,
    });
    const secret = await checkGuest(ctx, tx, input.region, input.guest);
    checkCredit(await availableCredit(tx, clientId), requiredCredit, currency);
    await reserveInstance(tx, projectId, parts.flavor, input.nics.filter(({ port }) => port === null).length);
    const made = await insertWithOperation(tx, ctx, input, { clientId, projectId, image: parts.image, root, secret });
    if (root)
      await giveRoot(ctx, tx, root, {
        instanceId: made.id,
        name,
        regionId,
        boot,
        owner: owned,
        image: parts.image,
        flavorGb: parts.flavor.rootGb,
        asked: askedBy(ctx),
      });
    await giveDisks(ctx, tx, further, { instanceId: made.id, name, regionId, owner: owned });
    return made;
  });
};

const insertWithOperation = async (
  tx: Tx,
  ctx: ComputeRequest,
  input: PlacedInput,
  {
    clientId,
    projectId,
    image,
    root,
    secret,
  }: { clientId: number; projectId: string; image: Image | null; root: Root | null; secret: OperationSecret },
): Promise<{ id: string; operationId: string }> => {
  const id = randomUUID();
  const operationId = randomUUID();
  const guest = namesOf(secret);
  await insertInstance(tx, {
    id,
    operationId,
    clientId,
    projectId,
    regionId: input.region,
    flavorId: input.flavor,
    // An image on a volume is no longer the instance's.
    imageId: root ? null : (image?.id ?? null),
    ...(root ? systemOn(root) : { imageName: image?.name ?? null, osDistro: image?.osDistro ?? null }),
    networks: input.nics.map(({ network }) => network),
    name: input.name,
    description: input.description,
    tags: input.tags,
    deleteProtection: input.deleteProtection,
  });
  const { region: regionId, nics, securityGroups: names } = input;
  const groups = await groupsFor(ctx, tx, { projectId, regionId, names });
  await makePorts(ctx, tx, nics, { instanceId: id, projectId, regionId, groups });
  await recordOperation(tx, {
    id: operationId,
    action: 'create',
    instanceId: id,
    clientId,
    previousState: 'building',
    ...askedBy(ctx),
    params: {
      flavor: input.flavor,
      ...(image && !root && { image: image.id }),
      region: input.region,
      name: input.name,
      project: projectId,
      ...(guest.length && { guest }),
    },
  });
  await keepSecret(ctx, tx, operationId, secret);
  return { id, operationId };
};
