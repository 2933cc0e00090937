import { columns, em, sql, type Queryable, type Row, type Tx } from '@nefos/service-kit';
import type { Scope } from '../../access/scope.js';
import type { Listing, Page } from '../../page.js';
import { awsImages, machineImages, nefosImages, type ImageStatus } from './tables.js';

export type { ImageStatus };
const SHOWN = [
  'id',
  'name',
  'status',
  'isEncrypted',
  'inspectionJson',
  'rhelDetected',
  'rhelChallenged',
  'rhelVersion',
  'syspurpose',
  'openshiftDetected',
  'openshiftChallenged',
  'createdAt',
  'updatedAt',
] as const;
interface Content {
  id: number;
  createdAt: string;
  updatedAt: string;
}
export interface AwsImageContent
  extends Content, Pick<Row<typeof awsImages>, 'ec2AmiId' | 'ownerAwsAccountId' | 'platform' | 'region'> {
  cloud: 'aws';
}
export interface NefosImageContent extends Content {
  cloud: 'nefos';
  uuid: string;
  osDistro: string | null;
}
/** An image with what its cloud knows of it; instants as PostgreSQL writes them. */
export interface Image extends Pick<Row<typeof machineImages>, (typeof SHOWN)[number]> {
  content: AwsImageContent | NefosImageContent;
}

// SQL: a page with its three tables in one statement.
const AWS_COLUMNS = ['ec2AmiId', 'ownerAwsAccountId', 'platform', 'region'] as const;
const NEFOS_COLUMNS = ['imageUuid', 'osDistro'] as const;
const FROM = `machine_image m left join aws_machine_image w on w.id = m.aws_machine_image_id
  left join nefos_machine_image n on n.id = m.nefos_machine_image_id`;
const SELECT = `select ${columns(machineImages, 'm', [...SHOWN, 'cloudType'])},
  coalesce(w.id, n.id)::float8 "contentId", coalesce(w.created_at, n.created_at) "contentCreatedAt",
  coalesce(w.updated_at, n.updated_at) "contentUpdatedAt",
  ${columns(awsImages, 'w', AWS_COLUMNS)}, ${columns(nefosImages, 'n', NEFOS_COLUMNS)} from ${FROM}`;
type SelectedRow = Omit<Image, 'content'> &
  Pick<Row<typeof machineImages>, 'cloudType'> &
  Pick<Row<typeof awsImages>, (typeof AWS_COLUMNS)[number]> &
  Pick<Row<typeof nefosImages>, (typeof NEFOS_COLUMNS)[number]> & {
    contentId: number;
    contentCreatedAt: string;
    contentUpdatedAt: string;
  };
const imageOf = ({
  cloudType,
  contentId: id,
  contentCreatedAt: createdAt,
  contentUpdatedAt: updatedAt,
  ec2AmiId,
  ownerAwsAccountId,
  platform,
  region,
  imageUuid: uuid,
  osDistro,
  ...image
}: SelectedRow): Image => ({
  ...image,
  content:
    cloudType === 'aws'
      ? { cloud: 'aws', id, ec2AmiId, ownerAwsAccountId, platform, region, createdAt, updatedAt }
      : { cloud: 'nefos', id, uuid, osDistro, createdAt, updatedAt },
});

/** A user sees the images of own listed instances; the instances of closed accounts are not listed. */
const usedBy = (scope: Scope, parameter: string): string =>
  scope === 'all'
    ? 'true'
    : `exists (select 1 from instance i where i.machine_image_id = m.id and i.user_id = ${parameter} and not i.closed)`;
const valueOf = (scope: Scope): unknown[] => (scope === 'all' ? [] : [scope]);
const countOf = async (q: Queryable, scope: Scope): Promise<number> => {
  if (scope === 'all') return em(q).count(machineImages);
  const text = 'select count(distinct machine_image_id)::int count from instance where user_id = $1 and not closed';
  const [counted] = await sql<{ count: number }>(q, text, [scope]);
  return counted?.count ?? 0;
};

export const listImages = async (q: Queryable, scope: Scope, { limit, offset }: Page): Promise<Listing<Image>> => {
  const text = `${SELECT} where ${usedBy(scope, '$3')} order by m.id limit $1 offset $2`;
  const rows = await sql<SelectedRow>(q, text, [limit, offset, ...valueOf(scope)]);
  return { count: await countOf(q, scope), rows: rows.map(imageOf) };
};
const ONE = (scope: Scope): string => `${SELECT} where m.id = $1 and ${usedBy(scope, '$2')}`;
export const findImage = async (q: Queryable, id: number, scope: Scope): Promise<Image | undefined> =>
  (await sql<SelectedRow>(q, ONE(scope), [id, ...valueOf(scope)])).map(imageOf)[0];
export const lockImage = async (tx: Tx, id: number, scope: Scope): Promise<Image | undefined> =>
  (await sql<SelectedRow>(tx, `${ONE(scope)} for update of m`, [id, ...valueOf(scope)])).map(imageOf)[0];

type Change = Partial<Pick<Row<typeof machineImages>, 'rhelChallenged' | 'openshiftChallenged' | 'status'>>;
/** @returns when it was saved */
export const updateImage = async (tx: Tx, id: number, change: Change): Promise<string> => {
  const updated = await em(tx)
    .createQueryBuilder()
    .update(machineImages)
    .set({ ...change, updatedAt: () => 'clock_timestamp()' })
    .where({ id })
    .returning(['updatedAt'])
    .execute();
  return (updated.raw as { updated_at: string }[])[0]?.updated_at ?? '';
};
