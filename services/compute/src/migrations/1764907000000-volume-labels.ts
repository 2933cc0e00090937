import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Words with values that the OpenStack API keeps of volumes, their copies and types. */
const TABLES = ['volume', 'volume_snapshot', 'volume_backup'];
const UP = [
  ...TABLES.map((one) => `alter table ${one} add metadata jsonb not null default '{}'`),
  `alter table volume add image_metadata jsonb not null default '{}'`,
  `alter table volume_type add extra_specs jsonb not null default '{}'`,
].join(';');
const DOWN = [
  'alter table volume_type drop extra_specs',
  'alter table volume drop image_metadata',
  ...TABLES.map((one) => `alter table ${one} drop metadata`),
].join(';');

export class VolumeLabels1764907000000 implements MigrationInterface {
  readonly name = 'VolumeLabels1764907000000';
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query(DOWN);
  }
}
