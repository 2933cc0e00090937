import { columns, prepared, run, sql, type Queryable, type Tx } from '@nefos/service-kit';
import type { AttachedVolume } from '../driver.js';
import type { StoredRef, StoredView } from '../driver-volumes.js';
import { simVolumes } from './sim-tables.js';

// What the simulated hypervisor stores of volumes. As with its machines, a change is written with the time at which it
// is done. SQL throughout: every statement computes with the database's clock.

export type Kind = 'volume' | 'snapshot' | 'backup';
const STORED = ['portalId', 'backendId', 'kind', 'name', 'sizeGb', 'volumeId', 'parentId', 'device'] as const;
/** A volume, snapshot or backup as it is now. */
export interface Stored {
  portalId: string;
  backendId: string;
  kind: Kind;
  name: string;
  sizeGb: number;
  volumeId: string | null;
  parentId: string | null;
  machineId: string | null;
  device: string | null;
  /** Its last change goes on. */
  busy: boolean;
}
const EXISTS = '(not goes or done_at > statement_timestamp())';
/** A machine that is destroyed has no volumes. */
const MACHINE = `case when exists (select from sim_machine m where m.portal_id = machine_id
  and (m.task is distinct from 'deleting' or m.changes_at > statement_timestamp())) then machine_id end`;
const SELECT = `${columns(simVolumes, undefined, STORED)}, done_at > statement_timestamp() busy,
  ${MACHINE} "machineId"`;

export const findStored = async (q: Queryable, kind: Kind, portalId: string): Promise<Stored | undefined> =>
  (
    await sql<Stored>(q, `select ${SELECT} from sim_volume where portal_id = $1 and kind = $2 and ${EXISTS}`, [
      portalId,
      kind,
    ])
  )[0];
/** Locks it; what is gone goes for good. */
export const lockStored = async (tx: Tx, kind: Kind, portalId: string): Promise<Stored | undefined> => {
  await run(tx, `delete from sim_volume where portal_id = $1 and goes and done_at <= statement_timestamp()`, [
    portalId,
  ]);
  return (
    await sql<Stored>(tx, `select ${SELECT} from sim_volume where portal_id = $1 and kind = $2 for update`, [
      portalId,
      kind,
    ])
  )[0];
};
export const viewOfStored = (one: Stored | undefined): StoredView | null =>
  one ? { status: one.busy ? 'busy' : 'ready', backendId: one.backendId, sizeGb: one.sizeGb } : null;

export interface NewStored {
  portalId: string;
  region: string;
  kind: Kind;
  name: string;
  sizeGb: number;
  volumeId?: string;
  parentId?: string | null;
  source?: string | null;
  ms: number;
}
/** Writes it, once. @returns its name at the hypervisor */
export const insertStored = async (tx: Tx, one: NewStored): Promise<StoredRef> => {
  await run(tx, `delete from sim_volume where portal_id = $1 and goes and done_at <= statement_timestamp()`, [
    one.portalId,
  ]);
  await run(
    tx,
    `insert into sim_volume (portal_id, backend_id, region, kind, name, size_gb, volume_id, parent_id, source, done_at)
    values ($1, gen_random_uuid(), $2, $3, $4, $5, $6, $7, $8, statement_timestamp() + $9 * interval '1 ms')
    on conflict do nothing`,
    [
      one.portalId,
      one.region,
      one.kind,
      one.name,
      one.sizeGb,
      one.volumeId ?? null,
      one.parentId ?? null,
      one.source ?? null,
      one.ms,
    ],
  );
  const [made] = await sql<{ backendId: string }>(
    tx,
    'select backend_id "backendId" from sim_volume where portal_id = $1',
    [one.portalId],
  );
  return { portalId: one.portalId, backendId: made?.backendId ?? null };
};
export const listStored = (
  q: Queryable,
  region: string,
  kind: Kind,
  after: string | null,
  limit: number,
): Promise<StoredRef[]> =>
  sql<StoredRef>(
    q,
    `select ${columns(simVolumes, undefined, ['portalId', 'backendId'])} from sim_volume
    where region = $1 and kind = $2 and ($3::uuid is null or portal_id > $3) and ${EXISTS} order by portal_id limit $4`,
    [region, kind, after, limit],
  );

/** Begins a change. */
export const change = async (
  tx: Tx,
  portalId: string,
  { sizeGb, restored = false, goes = false, ms }: { sizeGb?: number; restored?: boolean; goes?: boolean; ms: number },
): Promise<void> => {
  await run(
    tx,
    `update sim_volume set size_gb = coalesce($2, size_gb), restores = restores + $3, goes = $4,
      done_at = statement_timestamp() + $5 * interval '1 ms'
    where portal_id = $1`,
    [portalId, sizeGb ?? null, restored ? 1 : 0, goes, ms],
  );
};
/** Whether another volume, snapshot or backup is there because of it. */
export const hasChildren = async (tx: Tx, kind: Kind, portalId: string): Promise<boolean> =>
  (
    await sql(
      tx,
      `select from sim_volume where ${EXISTS} and
        case when $2 = 'volume' then volume_id = $1 and kind = 'snapshot' else parent_id = $1 end limit 1`,
      [portalId, kind],
    )
  ).length > 0;

/** The volumes that each of the machines has, the root disk first. */
export const attachedToEach = async (q: Queryable, machineIds: readonly string[]): Promise<AttachedVolume[][]> => {
  const rows = await prepared<AttachedVolume & { machineId: string }>(
    q,
    `select machine_id "machineId", portal_id "portalId", device from sim_volume where machine_id = any($1::uuid[])
    order by device collate "C"`,
    [machineIds],
  );
  return machineIds.map((id) =>
    rows.filter(({ machineId }) => machineId === id).map(({ portalId, device }) => ({ portalId, device })),
  );
};
export const attachedTo = async (q: Queryable, machineId: string): Promise<AttachedVolume[]> =>
  (await attachedToEach(q, [machineId]))[0] ?? [];
/** Gives a volume to a machine. @param device null: the next name that is free, `/dev/vdb` first */
export const attach = async (
  tx: Tx,
  portalId: string,
  machineId: string,
  { device, boot = false }: { device: string | null; boot?: boolean },
): Promise<string> => {
  const taken = new Set((await attachedTo(tx, machineId)).map((one) => one.device));
  const free = Array.from({ length: 25 }, (_, i) => `/dev/vd${String.fromCharCode(98 + i)}`).find(
    (one) => !taken.has(one),
  );
  const name = device ?? (boot ? '/dev/vda' : (free ?? '/dev/vdz'));
  await run(tx, 'update sim_volume set machine_id = $2, device = $3 where portal_id = $1', [portalId, machineId, name]);
  return name;
};
export const detach = async (tx: Queryable, portalId: string, machineId: string): Promise<void> => {
  await run(tx, 'update sim_volume set machine_id = null, device = null where portal_id = $1 and machine_id = $2', [
    portalId,
    machineId,
  ]);
};
