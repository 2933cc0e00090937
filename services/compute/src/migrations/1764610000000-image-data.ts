import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Data of images in a store of files. A row of `image_data` is there before its file and goes after it, so that what a
 * process left that died is always known. It has no foreign key: it outlives the image.
 */
const UP = `
  update image set status = 'killed'
    where status not in ('queued', 'saving', 'importing', 'active', 'deactivated', 'killed', 'pending_delete');
  alter table image
    add column backend_id text,
    add column data_id uuid,
    add column virtual_size bigint,
    add column sha256 text,
    add column sha512 text,
    add column properties jsonb not null default '{}',
    add column fault jsonb,
    add column import_url text,
    add column import_sha256 text,
    add constraint image_status_check check
      (status in ('queued', 'saving', 'importing', 'active', 'deactivated', 'killed', 'pending_delete'));
  create index image_visibility_name_idx on image (visibility, name, id);
  create index image_name_idx on image (name, id);
  create index image_instance_id_idx on image (instance_id) where instance_id is not null;
  create index image_status_idx on image (status) where status in ('importing', 'pending_delete');
  alter table image_member add column created_at timestamptz not null default now();
  create index image_member_image_id_idx on image_member (image_id);
  create index instance_image_id_idx on instance (image_id) where image_id is not null and vm_state <> 'deleted';
  create table image_data (
    id uuid primary key,
    image_id uuid not null,
    state text not null default 'writing' constraint image_data_state_check check (state in ('writing', 'live', 'dead')),
    touched_at timestamptz not null default now()
  );
  create index image_data_state_touched_at_idx on image_data (state, touched_at) where state <> 'live';
  create index image_data_image_id_idx on image_data (image_id);`;
const DOWN = `
  drop table image_data;
  drop index instance_image_id_idx;
  drop index image_member_image_id_idx;
  alter table image_member drop column created_at;
  drop index image_status_idx;
  drop index image_instance_id_idx;
  drop index image_name_idx;
  drop index image_visibility_name_idx;
  alter table image
    drop constraint image_status_check,
    drop column import_sha256,
    drop column import_url,
    drop column fault,
    drop column properties,
    drop column sha512,
    drop column sha256,
    drop column virtual_size,
    drop column data_id,
    drop column backend_id;`;

export class ImageData1764610000000 implements MigrationInterface {
  readonly name = 'ImageData1764610000000';
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query(DOWN);
  }
}
