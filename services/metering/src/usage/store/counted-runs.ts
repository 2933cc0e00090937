import type { Db } from '@nefos/service-kit';
import type { Scope } from '../../access/scope.js';

/** A metered instance, as a day's list has it; `syspurpose` is JSON text. */
export interface UsageEntry {
  cloudType: 'aws' | 'nefos';
  cloudInstanceId: string;
  rhelVersion: string | null;
  syspurpose: string | null;
}
/** A run that counts. Instants in microseconds since 1970, memory in GiB. */
export interface CountedRun {
  start: number;
  end: number | null;
  vcpu: number;
  memory: number;
  /** The index of its entry. */
  entry: number;
}
export interface RunFilter {
  /** The first day, UTC, as a date. */
  from: string;
  /** The day after the last. */
  to: string;
  owner: Scope;
  accountId: number | undefined;
}
export interface CountedRuns {
  entries: UsageEntry[];
  /** In the order of their entries. */
  runs: CountedRun[];
}

// SQL on the driver: all runs of one instance and size come as one column of fixed-size records in PostgreSQL's
// binary form. A report reads them by the hundred thousand, and as rows of text they cost eight times as much.
const RECORD = "timestamptz_send(r.start_time) || timestamptz_send(coalesce(r.end_time, 'infinity'))";
const SIZE = 8 + 8;
/** Microseconds from 1970 to 2000, where PostgreSQL's instants begin. */
const EPOCH = 946_684_800_000_000;
const int8 = (bytes: Buffer, at: number): number => bytes.readInt32BE(at) * 0x1_0000_0000 + bytes.readUInt32BE(at + 4);
const INFINITY = 0x7fff_ffff;

type Row = [
  cloudType: 'aws' | 'nefos',
  cloudInstanceId: string,
  rhelVersion: string | null,
  syspurpose: string | null,
  vcpu: number,
  memory: number,
  runs: Buffer,
];

const textOf = (more: readonly string[]): string => `
  with used as (
    select r.instance_id, r.vcpu, r.memory, string_agg(${RECORD}, '') runs from run r
    where r.start_time < $2::timestamptz and coalesce(r.end_time, 'infinity') >= $1::timestamptz ${more.join(' ')}
    group by 1, 2, 3)
  select i.cloud_type, coalesce(w.ec2_instance_id, n.instance_uuid::text),
    case when m.cloud_type = 'aws' then m.rhel_version end, case when m.cloud_type = 'aws' then m.syspurpose end,
    coalesce(used.vcpu, 0), coalesce(used.memory, 0), used.runs
  from used join instance i on i.id = used.instance_id join machine_image m on m.id = i.machine_image_id and m.counted
  left join aws_instance w on w.id = i.aws_instance_id left join nefos_instance n on n.id = i.nefos_instance_id
  order by i.id, used.vcpu, used.memory`;

/**
 * The runs that touch the days and whose instance's current image counts, in one query; entries in the order of their
 * instances. A run that ends at the first midnight touches the first day.
 */
export const findCountedRuns = async (db: Db, { from, to, owner, accountId }: RunFilter): Promise<CountedRuns> => {
  const values: unknown[] = [`${from}T00:00:00Z`, `${to}T00:00:00Z`];
  const more: string[] = [];
  if (owner !== 'all') more.push(`and r.user_id = $${values.push(owner)}`);
  if (accountId !== undefined) more.push(`and r.cloud_account_id = $${values.push(accountId)}`);
  const { rows } = await db.pool.query<Row>({ rowMode: 'array', values, text: textOf(more) });
  const runs: CountedRun[] = [];
  const entries = rows.map(
    ([cloudType, cloudInstanceId, rhelVersion, syspurpose, vcpu, memory, bytes], entry): UsageEntry => {
      for (let at = 0; at < bytes.length; at += SIZE) {
        runs.push({
          start: int8(bytes, at) + EPOCH,
          end: bytes.readInt32BE(at + 8) === INFINITY ? null : int8(bytes, at + 8) + EPOCH,
          vcpu,
          memory,
          entry,
        });
      }
      return { cloudType, cloudInstanceId, rhelVersion, syspurpose };
    },
  );
  return { entries, runs };
};
