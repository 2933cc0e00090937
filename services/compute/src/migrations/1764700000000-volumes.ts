import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Volumes with their types, attachments, snapshots and backups (contract compute §8.1). Operations may be on them, too:
 * `instance_id` is null then, unless an instance takes part.
 */
const UP = `
  create table volume_type (
    id uuid constraint volume_type_pkey primary key,
    region_id text not null constraint volume_type_region_id_fkey references region,
    name text not null,
    description text not null default '',
    is_public boolean not null default true,
    backend_name text,
    created_at timestamptz not null default now(),
    constraint volume_type_region_id_name_key unique (region_id, name)
  );
  create table volume (
    id uuid constraint volume_pkey primary key,
    client_id int not null,
    project_id text not null,
    region_id text not null constraint volume_region_id_fkey references region,
    type_id uuid constraint volume_type_id_fkey references volume_type,
    name text not null,
    description text,
    size_gb int not null,
    wanted_gb int,
    status text not null,
    bootable boolean not null default false,
    delete_protection boolean not null default false,
    doomed boolean not null default false,
    image_id uuid,
    image_name text,
    os_distro text,
    source_snapshot_id uuid,
    source_volume_id uuid,
    source_backup_id uuid,
    operation_id uuid,
    backend_id text,
    fault jsonb,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    search_text text not null generated always as (fold(name) || chr(10) || coalesce(fold(description), '')) stored,
    constraint volume_size_gb_check check (size_gb > 0)
  );
  comment on column volume.wanted_gb is 'the size to come while it is being extended';
  comment on column volume.doomed is 'goes as soon as nothing needs it: its client or the service has ended';
  comment on column volume.operation_id is 'the operation that has changed its status last';
  create index volume_client_id_idx on volume (client_id, created_at, id);
  create index volume_created_at_idx on volume (created_at, id);
  create index volume_project_id_idx on volume (project_id);
  create index volume_region_id_idx on volume (region_id, id);
  create index volume_type_id_idx on volume (type_id) where type_id is not null;
  create index volume_image_id_idx on volume (image_id) where image_id is not null;
  create index volume_doomed_idx on volume (id) where doomed;
  create index volume_busy_idx on volume (updated_at)
    where status not in ('available', 'in-use', 'reserved', 'error', 'error_deleting', 'error_extending');

  create table volume_attachment (
    id uuid constraint volume_attachment_pkey primary key,
    volume_id uuid not null constraint volume_attachment_volume_id_fkey references volume on delete cascade,
    instance_id uuid not null constraint volume_attachment_instance_id_fkey references instance,
    device text,
    boot boolean not null default false,
    delete_on_termination boolean not null default false,
    state text not null constraint volume_attachment_state_check
      check (state in ('reserved', 'attaching', 'attached', 'detaching')),
    created_at timestamptz not null default now(),
    constraint volume_attachment_volume_id_key unique (volume_id)
  );
  create index volume_attachment_instance_id_idx on volume_attachment (instance_id, created_at, id);
  create index volume_attachment_reserved_idx on volume_attachment (instance_id) where state = 'reserved';
  create unique index volume_attachment_boot_key on volume_attachment (instance_id) where boot;

  create table volume_snapshot (
    id uuid constraint volume_snapshot_pkey primary key,
    volume_id uuid not null constraint volume_snapshot_volume_id_fkey references volume,
    client_id int not null,
    project_id text not null,
    region_id text not null constraint volume_snapshot_region_id_fkey references region,
    name text not null,
    description text,
    size_gb int not null,
    status text not null,
    doomed boolean not null default false,
    operation_id uuid,
    backend_id text,
    fault jsonb,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
  );
  create index volume_snapshot_client_id_idx on volume_snapshot (client_id, created_at, id);
  create index volume_snapshot_created_at_idx on volume_snapshot (created_at, id);
  create index volume_snapshot_project_id_idx on volume_snapshot (project_id);
  create index volume_snapshot_region_id_idx on volume_snapshot (region_id, id);
  create index volume_snapshot_volume_id_idx on volume_snapshot (volume_id, created_at, id);
  create index volume_snapshot_doomed_idx on volume_snapshot (id) where doomed;
  create index volume_snapshot_busy_idx on volume_snapshot (updated_at) where status not in ('available', 'error');

  create table volume_backup (
    id uuid constraint volume_backup_pkey primary key,
    volume_id uuid not null,
    volume_backend_id text,
    parent_id uuid constraint volume_backup_parent_id_fkey references volume_backup,
    client_id int not null,
    project_id text not null,
    region_id text not null constraint volume_backup_region_id_fkey references region,
    name text not null,
    description text,
    size_gb int not null,
    bootable boolean not null default false,
    os_distro text,
    status text not null,
    doomed boolean not null default false,
    operation_id uuid,
    backend_id text,
    fault jsonb,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
  );
  comment on column volume_backup.volume_id is 'a backup outlives its volume: no foreign key';
  create index volume_backup_client_id_idx on volume_backup (client_id, created_at, id);
  create index volume_backup_created_at_idx on volume_backup (created_at, id);
  create index volume_backup_project_id_idx on volume_backup (project_id);
  create index volume_backup_region_id_idx on volume_backup (region_id, id);
  create index volume_backup_volume_id_idx on volume_backup (volume_id, created_at, id);
  create index volume_backup_parent_id_idx on volume_backup (parent_id) where parent_id is not null;
  create index volume_backup_doomed_idx on volume_backup (id) where doomed;
  create index volume_backup_busy_idx on volume_backup (updated_at) where status not in ('available', 'error');

  alter table operation alter instance_id drop not null,
    add object_type text not null default 'instance',
    add object_id uuid,
    add constraint operation_object_id_check
      check (case when object_type = 'instance' then instance_id else object_id end is not null);
  comment on column operation.object_id is 'the thing that it is on; null: the instance';
  create index operation_object_id_idx on operation (object_id, created_at, id) where object_id is not null;

  alter table image add volume_id uuid;
  comment on column image.volume_id is 'the volume that the hypervisor has made it of';

  create table sim_volume (
    portal_id uuid constraint sim_volume_pkey primary key,
    backend_id uuid not null,
    region text not null,
    kind text not null,
    name text not null,
    size_gb int not null,
    done_at timestamptz not null,
    goes boolean not null default false,
    volume_id uuid,
    parent_id uuid,
    source text,
    machine_id uuid,
    device text,
    restores int not null default 0
  );
  create index sim_volume_region_idx on sim_volume (region, kind, portal_id);
  create index sim_volume_machine_id_idx on sim_volume (machine_id) where machine_id is not null;`;
const DOWN = `
  drop table sim_volume;
  alter table image drop volume_id;
  delete from operation where object_type <> 'instance';
  alter table operation drop constraint operation_object_id_check, drop object_type, drop object_id,
    alter instance_id set not null;
  drop table volume_backup; drop table volume_snapshot; drop table volume_attachment; drop table volume;
  drop table volume_type`;

export class Volumes1764700000000 implements MigrationInterface {
  readonly name = 'Volumes1764700000000';
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query(DOWN);
  }
}
