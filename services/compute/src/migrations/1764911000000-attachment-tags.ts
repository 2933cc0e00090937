import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Words by which the OpenStack API tells the volumes of a server apart. */
export class AttachmentTags1764911000000 implements MigrationInterface {
  readonly name = 'AttachmentTags1764911000000';
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table volume_attachment add tag text');
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table volume_attachment drop tag');
  }
}
