import { sql, type Queryable } from '@nefos/service-kit';
import type { Instance, InstanceScope } from '../domain/instances.js';
import type { Listing, Page } from '../../page.js';

interface Row {
  id: string;
  cloud_account_id: string;
  machine_image_id: string | null;
  created_at: string;
  updated_at: string;
  aws_id: string | null;
  ec2_instance_id: string;
  nefos_id: string;
  instance_uuid: string;
  region: string;
  content_created_at: string;
  content_updated_at: string;
}
const SELECT = `select i.id, i.cloud_account_id, i.machine_image_id, i.created_at, i.updated_at, w.id aws_id, w.ec2_instance_id, n.id nefos_id, n.instance_uuid,
  coalesce(w.region, n.region) region, coalesce(w.created_at, n.created_at) content_created_at, coalesce(w.updated_at, n.updated_at) content_updated_at
  from instance i left join aws_instance w on w.id = i.aws_instance_id left join nefos_instance n on n.id = i.nefos_instance_id`;
const instance = (r: Row): Instance => {
  const shared = { region: r.region, createdAt: r.content_created_at, updatedAt: r.content_updated_at };
  return {
    id: Number(r.id),
    accountId: Number(r.cloud_account_id),
    imageId: r.machine_image_id === null ? null : Number(r.machine_image_id),
    createdAt: r.created_at,
    updatedAt: r.updated_at,
    content:
      r.aws_id !== null
        ? { cloud: 'aws', id: Number(r.aws_id), ec2InstanceId: r.ec2_instance_id, ...shared }
        : { cloud: 'nefos', id: Number(r.nefos_id), uuid: r.instance_uuid, ...shared },
  };
};

/** Conditions and their values, from parameter number `from` on. */
const conditions = ({ owner, runningSince }: InstanceScope, from: number): { text: string; values: unknown[] } => {
  const values: unknown[] = [];
  const texts = ['not i.closed'];
  const add = (text: (n: string) => string, value: unknown): void => {
    values.push(value);
    texts.push(text(`$${from + values.length - 1}`));
  };
  if (owner !== 'all') add((n) => `i.user_id = ${n}`, owner);
  if (runningSince !== undefined)
    add(
      (n) =>
        `(select max(r.start_time) from run r where r.instance_id = i.id and r.end_time is null) <= ${n}::timestamptz`,
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
  const all = conditions(scope, 1);
  const rows = await sql<Row>(q, `${SELECT} where ${page.text} order by i.created_at, i.id limit $1 offset $2`, [
    limit,
    offset,
    ...page.values,
  ]);
  const [{ count } = { count: 0 }] = await sql<{ count: number }>(
    q,
    `select count(*)::int count from instance i where ${all.text}`,
    all.values,
  );
  return { count, rows: rows.map(instance) };
};
export const findInstance = async (q: Queryable, id: number, scope: InstanceScope): Promise<Instance | undefined> => {
  const more = conditions(scope, 2);
  return (await sql<Row>(q, `${SELECT} where i.id = $1 and ${more.text}`, [id, ...more.values])).map(instance)[0];
};
