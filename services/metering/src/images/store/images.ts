import { sql, type Queryable, type Tx } from '@nefos/service-kit';
import type { Image, ImageStatus } from '../domain/images.js';
import type { Listing, Page } from '../../page.js';
import type { Scope } from '../../access/domain/scope.js';

interface Row {
  id: string;
  name: string | null;
  status: ImageStatus;
  is_encrypted: boolean;
  inspection_json: string | null;
  rhel_detected: boolean;
  rhel_challenged: boolean;
  rhel_version: string | null;
  syspurpose: string | null;
  openshift_detected: boolean;
  openshift_challenged: boolean;
  created_at: string;
  updated_at: string;
  content_created_at: string;
  content_updated_at: string;
  aws_id: string | null;
  ec2_ami_id: string;
  owner_aws_account_id: string | null;
  platform: string;
  region: string | null;
  nefos_id: string;
  image_uuid: string;
  os_distro: string | null;
}
const SELECT = `select m.id, m.name, m.status, m.is_encrypted, m.inspection_json, m.rhel_detected, m.rhel_challenged, m.rhel_version, m.syspurpose, m.openshift_detected, m.openshift_challenged,
  m.created_at, m.updated_at, coalesce(w.created_at, n.created_at) content_created_at, coalesce(w.updated_at, n.updated_at) content_updated_at,
  w.id aws_id, w.ec2_ami_id, w.owner_aws_account_id, w.platform, w.region, n.id nefos_id, n.image_uuid, n.os_distro
  from machine_image m left join aws_machine_image w on w.id = m.aws_machine_image_id left join nefos_machine_image n on n.id = m.nefos_machine_image_id`;
const image = (r: Row): Image => {
  const times = { createdAt: r.content_created_at, updatedAt: r.content_updated_at };
  return {
    id: Number(r.id),
    name: r.name,
    status: r.status,
    isEncrypted: r.is_encrypted,
    inspectionJson: r.inspection_json,
    rhelDetected: r.rhel_detected,
    rhelChallenged: r.rhel_challenged,
    rhelVersion: r.rhel_version,
    syspurpose: r.syspurpose,
    openshiftDetected: r.openshift_detected,
    openshiftChallenged: r.openshift_challenged,
    createdAt: r.created_at,
    updatedAt: r.updated_at,
    content:
      r.aws_id !== null
        ? {
            cloud: 'aws',
            id: Number(r.aws_id),
            ec2AmiId: r.ec2_ami_id,
            ownerAwsAccountId: r.owner_aws_account_id,
            platform: r.platform,
            region: r.region,
            ...times,
          }
        : { cloud: 'nefos', id: Number(r.nefos_id), uuid: r.image_uuid, osDistro: r.os_distro, ...times },
  };
};
/** An image is seen through the instances that use it, as far as these are listed: the usage of closed accounts can only be read. */
const usedBy = (scope: Scope, parameter: string): string =>
  scope === 'all'
    ? 'true'
    : `exists (select 1 from instance i where i.machine_image_id = m.id and i.user_id = ${parameter} and not i.closed)`;
const valueOf = (scope: Scope): unknown[] => (scope === 'all' ? [] : [scope]);

export const listImages = async (q: Queryable, scope: Scope, { limit, offset }: Page): Promise<Listing<Image>> => {
  const rows = await sql<Row>(q, `${SELECT} where ${usedBy(scope, '$3')} order by m.id limit $1 offset $2`, [
    limit,
    offset,
    ...valueOf(scope),
  ]);
  const counted =
    scope === 'all'
      ? 'select count(*)::int count from machine_image'
      : 'select count(distinct machine_image_id)::int count from instance where user_id = $1 and not closed';
  const [{ count } = { count: 0 }] = await sql<{ count: number }>(q, counted, valueOf(scope));
  return { count, rows: rows.map(image) };
};
export const findImage = async (q: Queryable, id: number, scope: Scope): Promise<Image | undefined> =>
  (await sql<Row>(q, `${SELECT} where m.id = $1 and ${usedBy(scope, '$2')}`, [id, ...valueOf(scope)])).map(image)[0];
export const lockImage = async (tx: Tx, id: number, scope: Scope): Promise<Image | undefined> =>
  (
    await sql<Row>(tx, `${SELECT} where m.id = $1 and ${usedBy(scope, '$2')} for update of m`, [id, ...valueOf(scope)])
  ).map(image)[0];

/** @returns when it was saved */
export const challengeImage = async (tx: Tx, id: number, rhel: boolean, openshift: boolean): Promise<string> =>
  (
    await sql<{ updated_at: string }>(
      tx,
      'update machine_image set rhel_challenged = $2, openshift_challenged = $3, updated_at = clock_timestamp() where id = $1 returning updated_at',
      [id, rhel, openshift],
    )
  )[0]?.updated_at ?? '';
export const setImageStatus = async (tx: Tx, id: number, status: ImageStatus): Promise<string> =>
  (
    await sql<{ updated_at: string }>(
      tx,
      'update machine_image set status = $2, updated_at = clock_timestamp() where id = $1 returning updated_at',
      [id, status],
    )
  )[0]?.updated_at ?? '';
