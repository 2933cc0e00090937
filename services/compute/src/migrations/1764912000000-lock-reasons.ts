import type { MigrationInterface, QueryRunner } from 'typeorm';

const UP = `
  alter table instance add locked_reason text;
  update instance i set locked_reason = s.locked_reason from server_record s
    where s.instance_id = i.id and s.locked_reason is not null and i.locked_by is not null;
  alter table server_record drop locked_reason;`;
const DOWN = `
  alter table server_record add locked_reason text;
  insert into server_record (instance_id, locked_reason)
    select id, locked_reason from instance where locked_reason is not null
    on conflict (instance_id) do update set locked_reason = excluded.locked_reason;
  alter table instance drop locked_reason;`;

/** Why an instance is locked is its lock's: it goes with it, whichever API removes that. */
export class LockReasons1764912000000 implements MigrationInterface {
  readonly name = 'LockReasons1764912000000';
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query(DOWN);
  }
}
