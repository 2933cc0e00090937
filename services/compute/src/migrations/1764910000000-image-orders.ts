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
  // A project has a few hundred at most, and more that are shared with it: the usual orders have an index.
  `create index image_own_created_at_idx on image (project_id, hidden, created_at, id) ${THERE}`,
  `create index image_own_name_idx on image (project_id, hidden, name, id) ${THERE}`,
  `alter table image_member add column image_name text not null default '',
    add column image_created_at timestamptz not null default now()`,
  `update image_member x set image_name = m.name, image_created_at = m.created_at from image m where m.id = x.image_id`,
  // Locked, so that a change of the name that is under way is waited for.
  `create function image_member_order() returns trigger language plpgsql as $$ begin
    select m.name, m.created_at into new.image_name, new.image_created_at from image m
      where m.id = new.image_id for share;
    return new;
  end $$`,
  `create trigger image_member_order before insert on image_member for each row execute function image_member_order()`,
  `create function image_renamed() returns trigger language plpgsql as $$ begin
    update image_member set image_name = new.name where image_id = new.id;
    return null;
  end $$`,
  `create trigger image_renamed after update of name on image for each row when (old.name is distinct from new.name)
    execute function image_renamed()`,
  'create index image_member_created_at_idx on image_member (project_id, status, image_created_at, image_id)',
  'create index image_member_name_idx on image_member (project_id, status, image_name, image_id)',
  `create index image_tags_idx on image using gin (tags) where tags <> '{}'`,
  `create index image_properties_idx on image using gin (properties jsonb_path_ops) where properties <> '{}'`,
  // Operators have few of them; all others are found by their project.
  'create index network_shared_idx on network (id) where shared',
  'create index network_external_idx on network (id) where router_external',
].join(';\n');
const INDEXES = [
  ...Object.keys(KEYS).map((name) => `image_seen_${name}_idx`),
  'image_own_created_at_idx',
  'image_own_name_idx',
  'image_tags_idx',
  'image_properties_idx',
  'network_shared_idx',
  'network_external_idx',
];
const DOWN = [
  'drop trigger image_renamed on image',
  'drop trigger image_member_order on image_member',
  'drop function image_renamed()',
  'drop function image_member_order()',
  'alter table image_member drop column image_name, drop column image_created_at',
  ...INDEXES.map((name) => `drop index ${name}`),
].join(';\n');

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
