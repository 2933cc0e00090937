import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What OpenStack's lists of images can be ordered by. */
const KEYS = {
  created_at: 'created_at, id',
  updated_at: 'updated_at, id',
  name: 'name, id',
  status: 'status, id',
  size: 'size, id',
  id: 'id',
  container_format: `coalesce(container_format, ''), id`,
  disk_format: `coalesce(disk_format, ''), id`,
};
const THERE = `where status <> 'pending_delete'`;
const UP = [
  ...Object.entries(KEYS).map(
    ([name, keys]) => `create index image_seen_${name}_idx on image (visibility, hidden, ${keys}) ${THERE}`,
  ),
  `create index image_tags_idx on image using gin (tags) where tags <> '{}'`,
  `create index image_properties_idx on image using gin (properties jsonb_path_ops) where properties <> '{}'`,
  // Operators have few of them; all others are found by their project.
  'create index network_shared_idx on network (id) where shared',
  'create index network_external_idx on network (id) where router_external',
].join(';\n');
const DOWN = [
  ...Object.keys(KEYS).map((name) => `image_seen_${name}_idx`),
  'image_tags_idx',
  'image_properties_idx',
  'network_shared_idx',
  'network_external_idx',
]
  .map((name) => `drop index ${name}`)
  .join(';\n');

/** OpenStack's lists of what several may see: each part of them is read in its order by an index of its own. */
export class ImageOrders1764910000000 implements MigrationInterface {
  readonly name = 'ImageOrders1764910000000';
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query(DOWN);
  }
}
