import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Images that lists leave out, and whether a project has accepted what is shared with it (contract compute §12.4). */
export class HiddenImages1764905000000 implements MigrationInterface {
  readonly name = 'HiddenImages1764905000000';
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table image add column hidden boolean not null default false;
      alter table image_member add column status text not null default 'accepted'
        constraint image_member_status_check check (status in ('pending', 'accepted', 'rejected'));`);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table image drop column hidden; alter table image_member drop column status');
  }
}
