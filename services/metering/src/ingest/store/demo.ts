import { ConfigError, run, sql, type Tx } from '@nefos/service-kit';
import type { Demo } from '../domain/demo.js';

/** Whether the demo was loaded before. Users are never removed, so they tell. */
export const hasDemo = async (tx: Tx, { users }: Demo): Promise<boolean> => {
  const found = await sql<{ id: string; account_number: string }>(
    tx,
    'select id, account_number from app_user where id = any($1::bigint[])',
    [users.map((u) => u.id)],
  );
  if (found.length && !users.every((u) => found.some((f) => Number(f.id) === u.id && f.account_number === u.number)))
    throw new ConfigError([
      'NEFOS_FIXTURE=demo wants an empty metering database: other users have the ids that its documents show',
    ]);
  return found.length > 0;
};

const SEQUENCES = [
  'app_user',
  'aws_cloud_account',
  'cloud_account',
  'aws_machine_image',
  'machine_image',
  'aws_instance',
  'instance',
];

/** Rows and their AWS parts under the documented ids; the sequences go on behind them. */
export const insertDemo = async (tx: Tx, { users, accounts, images, instances, events }: Demo): Promise<void> => {
  for (const u of users)
    await run(
      tx,
      'insert into app_user (id, account_number, is_superuser, created_at, updated_at) values ($1, $2, $3, $4, $4)',
      [u.id, u.number, u.superuser, accounts[0]?.created],
    );
  for (const a of accounts) {
    await run(
      tx,
      'insert into aws_cloud_account (id, aws_account_id, account_arn, created_at, updated_at) values ($1, $2, $3, $4, $5)',
      [a.id, a.awsId, a.arn, a.contentCreated, a.contentUpdated],
    );
    await run(
      tx,
      'insert into cloud_account (id, user_id, name, aws_cloud_account_id, created_at, updated_at) values ($1, $2, $3, $1, $4, $5)',
      [a.id, a.userId, a.name, a.created, a.updated],
    );
  }
  for (const m of images) {
    await run(
      tx,
      'insert into aws_machine_image (id, ec2_ami_id, owner_aws_account_id, created_at, updated_at) values ($1, $2, $3, $4, $5)',
      [m.id, m.ami, m.owner, m.contentCreated, m.contentUpdated],
    );
    await run(
      tx,
      `insert into machine_image (id, aws_machine_image_id, inspection_json, status, rhel_detected, rhel_version, syspurpose, openshift_challenged, created_at, updated_at) values ($1, $1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      [m.id, m.inspection, m.status, m.rhelDetected, m.rhelVersion, m.syspurpose, m.challenged, m.created, m.updated],
    );
  }
  for (const i of instances) {
    await run(
      tx,
      'insert into aws_instance (id, ec2_instance_id, region, created_at, updated_at) values ($1, $2, $3, $4, $5)',
      [i.id, i.ec2, i.region, i.contentCreated, i.contentUpdated],
    );
    await run(
      tx,
      'insert into instance (id, aws_instance_id, user_id, cloud_account_id, machine_image_id, created_at, updated_at) values ($1, $1, $2, $2, $1, $3, $4)',
      [i.id, i.userId, i.created, i.updated],
    );
  }
  for (const e of events)
    await run(
      tx,
      'insert into instance_event (instance_id, event_type, occurred_at, instance_type) values ($1, $2, $3, $4)',
      [e.instanceId, e.type, e.at, e.instanceType],
    );
  for (const table of SEQUENCES)
    await run(tx, `select setval(pg_get_serial_sequence('${table}', 'id'), (select max(id) from ${table}))`);
};
