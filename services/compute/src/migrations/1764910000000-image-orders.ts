import type { MigrationInterface, QueryRunner } from 'typeorm';

const KEYS = {
  created_at: 'created_at, id',
  updated_at: 'updated_at, id',
  status: 'status, id',
  size: 'size, id',
  id: 'id',
  container_format: `coalesce(container_format, ''), id`,
  disk_format: `coalesce(disk_format, ''), id`,
};
const UP = `
  ${Object.entries(KEYS)
    .map(
      ([name, keys]) =>
        `create index image_visibility_${name}_idx on image (visibility, ${keys}) where status <> 'pending_delete'`,
    )
    .join(';\n')}`;
const DOWN = Object.keys(KEYS)
  .map((name) => `drop index image_visibility_${name}_idx`)
  .join(';\n');

/** The orders of OpenStack's lists of images, for each visibility: that by name has its index. */
export class ImageOrders1764910000000 implements MigrationInterface {
  readonly name = 'ImageOrders1764910000000';
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query(DOWN);
  }
}
