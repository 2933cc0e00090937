import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A closed account keeps its rows for its usage, so its name, its ARN and its AWS account number are free for a new one.
 * A run has the image that its instance has today (contract metering §8.1): kept in one place, it can not be an older one. The column of
 * before stays until no replica of the previous version can be running: it still writes it.
 */
const UP = `
alter table cloud_account drop constraint cloud_account_user_id_name_key;
create unique index cloud_account_user_id_name_key on cloud_account (user_id, name) where closed_at is null;
alter table aws_cloud_account add column closed boolean not null default false;
comment on column aws_cloud_account.closed is 'its account is closed: another may have its role and its number';
alter table aws_cloud_account drop constraint aws_cloud_account_account_arn_key, drop constraint aws_cloud_account_aws_account_id_key;
create unique index aws_cloud_account_account_arn_key on aws_cloud_account (account_arn) where not closed;
create unique index aws_cloud_account_aws_account_id_key on aws_cloud_account (aws_account_id) where not closed;
comment on column run.machine_image_id is 'not read and not written; for replicas of the previous version, dropped in a later release';
`;
/** Before this a closed AWS account was gone with its usage, so that is what happens to it; others of a name give way to the open one. */
const DOWN = `
comment on column run.machine_image_id is null;
update run r set machine_image_id = i.machine_image_id from instance i where i.id = r.instance_id;
create temporary table gone on commit drop as
  select a.id, a.aws_cloud_account_id, i.id instance_id, i.aws_instance_id from cloud_account a join aws_cloud_account w on w.id = a.aws_cloud_account_id
  left join instance i on i.cloud_account_id = a.id where w.closed;
delete from run where instance_id in (select instance_id from gone);
delete from instance_event where instance_id in (select instance_id from gone);
delete from instance where id in (select instance_id from gone);
delete from aws_instance where id in (select aws_instance_id from gone);
delete from cloud_account where id in (select id from gone);
delete from aws_cloud_account where closed;
update cloud_account set name = left(name, 200) || ' (closed ' || id || ')' where closed_at is not null;
drop index cloud_account_user_id_name_key, aws_cloud_account_account_arn_key, aws_cloud_account_aws_account_id_key;
alter table cloud_account add constraint cloud_account_user_id_name_key unique (user_id, name);
alter table aws_cloud_account drop column closed, add constraint aws_cloud_account_account_arn_key unique (account_arn),
  add constraint aws_cloud_account_aws_account_id_key unique (aws_account_id);
`;

export class KeepUsage1764300000000 implements MigrationInterface {
  name = 'KeepUsage1764300000000';
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query(DOWN);
  }
}
