import { randomUUID } from 'node:crypto';
import { invalid, type Fault, type Tx } from '@nefos/service-kit';
import type { ComputeRequest } from '../../ctx.js';
import { callerOf } from '../../access/domain/caller.js';
import { dbOf } from '../../access/domain/claim.js';
import { demand } from '../../access/domain/permissions.js';
import { findFlavorOfSize, findFlavorSize, findNics, findRegion } from '../../catalog/domain/parts.js';
import type { Page } from '../../lists/list-plan.js';
import type { Query } from '../../lists/list-query.js';
import { pageOfArray } from '../../lists/array-page.js';
import { recordOperation, askedBy } from '../../operations/domain/accept.js';
import { driverAway, isDriverError } from '../../operations/domain/driver-errors.js';
import { unsupported } from '../../operations/domain/faults.js';
import { shareLockOwner } from '../../owners/domain/owners.js';
import type { ComputeDriver, ForeignMachine } from '../../ports/driver.js';
import { invalidValue, refusal, unknownKey } from '../../refusals.js';
import { findImported, insertImport, lockMachine } from '../store/imports.js';
import { demandOwner } from '../../owners/domain/new-owner.js';
import { reserveInstance } from './quota.js';
import { lockUsableFlavor } from './usable-flavor.js';

const PAGE = 500;
/** More machines are not listed. */
const MAX_LISTED = 10_000;
const silent = (err: unknown): Fault => {
  if (!isDriverError(err)) throw err;
  return driverAway(err);
};
type Adopting = ComputeDriver & Required<Pick<ComputeDriver, 'listForeign' | 'getForeign' | 'adopt'>>;
/** The region's driver, if it can take machines over. @throws Fault invalid, conflict/action.unsupported */
const adoptingDriver = async (ctx: ComputeRequest, region: string): Promise<Adopting> => {
  if (!(await findRegion(dbOf(ctx), region))) throw invalid([unknownKey(['region'], region)]);
  const driver = ctx.drivers.of(region);
  if (!driver.capabilities.actions.has('adopt')) throw unsupported('import');
  return driver as Adopting;
};

/**
 * Machines of a region that bear no id of ours, by the hypervisor's own id.
 * @throws Fault invalid, conflict/action.unsupported/driver.timeout, unavailable/driver.unavailable
 */
export const listImportable = async (
  ctx: ComputeRequest,
  query: Query,
  region: string | undefined,
): Promise<Page<ForeignMachine & { region: string }>> => {
  if (!region) throw invalid([{ path: ['region'], rule: 'required' }]);
  const driver = await adoptingDriver(ctx, region);
  const machines: ForeignMachine[] = [];
  for (let after: string | null = null; machines.length < MAX_LISTED;) {
    const found: ForeignMachine[] = await driver.listForeign({ after, limit: PAGE }).catch((err: unknown) => {
      throw silent(err);
    });
    machines.push(...found);
    after = found.at(-1)?.backendId ?? null;
    if (found.length < PAGE) break;
  }
  return pageOfArray(
    machines.map((one) => ({ ...one, region })),
    query,
  );
};

/** What staff say of a machine that is to become an instance. */
export interface ImportRequest {
  backendId: string;
  clientId: number;
  region: string;
  name?: string | undefined;
  /** Absent: one of the machine's size. */
  flavorId?: string | undefined;
}
export interface ImportResult {
  id: string;
  operationId: string | null;
}
/** The instance that a machine has become before. @throws Fault conflict/import.taken: of another client */
const importedBefore = async (
  q: Parameters<typeof findImported>[0],
  { region, backendId, clientId }: ImportRequest,
): Promise<ImportResult | undefined> => {
  const found = await findImported(q, region, backendId);
  if (found && found.clientId !== clientId) throw refusal('conflict', 'import.taken');
  return found;
};

/**
 * Accepts the import of a machine: row, operation and job in one transaction; a job gives the machine our id. Two at
 * once are one, and a repetition finds the instance of the first.
 * @throws Fault invalid, forbidden, forbidden/create.quota, conflict/import.taken, conflict/action.unsupported,
 * unavailable/driver.timeout, unavailable/driver.unavailable
 */
export const importInstance = async (ctx: ComputeRequest, request: ImportRequest): Promise<ImportResult> => {
  demand(callerOf(ctx), 'instances.create');
  const driver = await adoptingDriver(ctx, request.region);
  const before = await importedBefore(dbOf(ctx), request);
  if (before) return before;
  const machine = await driver.getForeign(request.backendId).catch((err: unknown) => {
    throw silent(err);
  });
  // The row is read anew: a request at the same time may have taken the machine over since.
  if (!machine) {
    const meanwhile = await importedBefore(dbOf(ctx), request);
    if (meanwhile) return meanwhile;
    throw invalid([unknownKey(['backend_id'], request.backendId)]);
  }
  return dbOf(ctx).transaction(async (tx) => {
    await lockMachine(tx, request.region, request.backendId);
    return (await importedBefore(tx, request)) ?? insertWithOperation(tx, ctx, request, machine);
  });
};

const insertWithOperation = async (
  tx: Tx,
  ctx: ComputeRequest,
  { backendId, clientId, region, name, flavorId }: ImportRequest,
  machine: ForeignMachine,
): Promise<ImportResult> => {
  const { projectId } = demandOwner(await shareLockOwner(tx, clientId), clientId);
  const wanted = flavorId ?? (await findFlavorOfSize(tx, region, machine, projectId));
  if (wanted === undefined)
    throw invalidValue(['flavor'], 'import.no_flavor', { vcpus: machine.vcpus, memoryMb: machine.memoryMb });
  const flavor = await lockUsableFlavor(tx, wanted, { regionId: region, projectId });
  await reserveInstance(tx, projectId, flavor, 0);
  const id = randomUUID();
  const operationId = randomUUID();
  const called = name ?? (machine.name.trim().slice(0, 255) || backendId);
  const row = { id, clientId, projectId, regionId: region, flavorId: wanted, name: called, operationId, backendId };
  await insertImport(tx, row);
  await recordOperation(tx, {
    id: operationId,
    action: 'import',
    instanceId: id,
    clientId,
    previousState: 'building',
    ...askedBy(ctx),
    params: { backend_id: backendId, region, flavor: wanted, name: called, project: projectId },
  });
  return { id, operationId };
};

/**
 * Simulated regions only: makes a machine that bears no id of ours.
 * @returns the hypervisor's id of it
 * @throws Fault invalid, conflict/action.unsupported, unavailable/driver.unavailable
 */
export const createForeignMachine = async (
  ctx: ComputeRequest,
  wanted: { region: string; name: string; flavor: string; nics: readonly string[] },
): Promise<string> => {
  const driver = await adoptingDriver(ctx, wanted.region);
  if (!driver.createForeign) throw unsupported('create_foreign');
  const flavor = await findFlavorSize(dbOf(ctx), wanted.flavor);
  if (!flavor) throw invalid([unknownKey(['flavor'], wanted.flavor)]);
  const nics = await findNics(dbOf(ctx), wanted.nics);
  return driver
    .createForeign({ name: wanted.name, tags: [], region: wanted.region, projectId: '', flavor, imageId: null, nics })
    .catch((err: unknown) => {
      throw silent(err);
    });
};
