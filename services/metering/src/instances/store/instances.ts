import { columns, sql, type Queryable, type Row } from '@nefos/service-kit';
import type { Scope } from '../../access/scope.js';
import type { Listing, Page } from '../../page.js';
import { awsInstances, instances, nefosInstances } from './tables.js';

interface Content {
  id: number;
  region: string;
  createdAt: string;
  updatedAt: string;
}
export interface AwsInstanceContent extends Content {
  cloud: 'aws';
  ec2InstanceId: string;
}
export interface NefosInstanceContent extends Content {
  cloud: 'nefos';
  uuid: string;
}
/** An instance with what its cloud knows of it; instants as PostgreSQL writes them. */
export interface Instance {
  id: number;
  accountId: number;
  imageId: number | null;
  createdAt: string;
  updatedAt: string;
  content: AwsInstanceContent | NefosInstanceContent;
}
export interface InstanceScope {
  owner: Scope;
  /** Only those that have been running since then, at the latest; ISO 8601. */
  runningSince: string | undefined;
}

const SHOWN = ['id', 'cloudAccountId', 'machineImageId', 'cloudType', 'createdAt', 'updatedAt'] as const;
// SQL: a page with its three tables in one statement.
const SELECT = `select ${columns(instances, 'i', SHOWN)}, ${columns(awsInstances, 'w', ['ec2InstanceId'])},
  ${columns(nefosInstances, 'n', ['instanceUuid'])},
  coalesce(w.id, n.id)::float8 "contentId", coalesce(w.region, n.region) region,
  coalesce(w.created_at, n.created_at) "contentCreatedAt", coalesce(w.updated_at, n.updated_at) "contentUpdatedAt"
  from instance i left join aws_instance w on w.id = i.aws_instance_id
  left join nefos_instance n on n.id = i.nefos_instance_id`;
interface SelectedRow
  extends
    Pick<Row<typeof instances>, (typeof SHOWN)[number]>,
    Pick<Row<typeof awsInstances>, 'ec2InstanceId'>,
    Pick<Row<typeof nefosInstances>, 'instanceUuid'> {
  contentId: number;
  region: string;
  contentCreatedAt: string;
  contentUpdatedAt: string;
}
const instanceOf = (row: SelectedRow): Instance => {
  const { id, cloudAccountId: accountId, machineImageId: imageId, createdAt, updatedAt } = row;
  const content = {
    id: row.contentId,
    region: row.region,
    createdAt: row.contentCreatedAt,
    updatedAt: row.contentUpdatedAt,
  };
  return {
    id,
    accountId,
    imageId,
    createdAt,
    updatedAt,
    content:
      row.cloudType === 'aws'
        ? { cloud: 'aws', ec2InstanceId: row.ec2InstanceId, ...content }
        : { cloud: 'nefos', uuid: row.instanceUuid, ...content },
  };
};

/** Conditions and their values; the first value is parameter number `from`. */
const conditions = ({ owner, runningSince }: InstanceScope, from: number): { text: string; values: unknown[] } => {
  const values: unknown[] = [];
  const texts = ['not i.closed'];
  const add = (text: (parameter: string) => string, value: unknown): void => {
    values.push(value);
    texts.push(text(`$${from + values.length - 1}`));
  };
  if (owner !== 'all') add((parameter) => `i.user_id = ${parameter}`, owner);
  if (runningSince !== undefined)
    add(
      (parameter) =>
        `(select max(r.start_time) from run r where r.instance_id = i.id and r.end_time is null)
          <= ${parameter}::timestamptz`,
      runningSince,
    );
  return { text: texts.join(' and '), values };
};

export const listInstances = async (
  q: Queryable,
  scope: InstanceScope,
  { limit, offset }: Page,
): Promise<Listing<Instance>> => {
  const page = conditions(scope, 3);
  const text = `${SELECT} where ${page.text} order by i.created_at, i.id limit $1 offset $2`;
  const rows = await sql<SelectedRow>(q, text, [limit, offset, ...page.values]);
  const all = conditions(scope, 1);
  const counting = `select count(*)::int count from instance i where ${all.text}`;
  const [counted] = await sql<{ count: number }>(q, counting, all.values);
  return { count: counted?.count ?? 0, rows: rows.map(instanceOf) };
};
export const findInstance = async (q: Queryable, id: number, scope: InstanceScope): Promise<Instance | undefined> => {
  const more = conditions(scope, 2);
  const rows = await sql<SelectedRow>(q, `${SELECT} where i.id = $1 and ${more.text}`, [id, ...more.values]);
  return rows.map(instanceOf)[0];
};
