import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A region has its driver's settings and secrets; what a cloud has of its own is known by the cloud's ids. Every
 * change of a region is told to all processes, whoever makes it.
 */
const UP = `
  alter table region
    add column driver_settings jsonb not null default '{}',
    add column driver_secrets text,
    drop constraint region_driver_check,
    add constraint region_driver_check check (driver in ('sim', 'openstack', 'qemu'));
  alter table flavor add column if not exists backend_id text;
  alter table image add column if not exists backend_id text;
  alter table network add column if not exists backend_id text;
  alter table subnet add column if not exists backend_id text;
  create unique index flavor_region_id_backend_id_key on flavor (region_id, backend_id) where backend_id is not null;
  create index if not exists image_region_id_backend_id_idx on image (region_id, backend_id)
    where backend_id is not null;
  create unique index network_region_id_backend_id_key on network (region_id, backend_id)
    where backend_id is not null;
  create unique index subnet_network_id_backend_id_key on subnet (network_id, backend_id)
    where backend_id is not null;
  create function notify_region() returns trigger language plpgsql as $$
    begin
      perform pg_notify('nefos_compute_region', coalesce(new.id, old.id));
      return null;
    end $$;
  create trigger region_notify after insert or update or delete on region
    for each row execute function notify_region();`;
const DOWN = `
  drop trigger region_notify on region;
  drop function notify_region();
  drop index subnet_network_id_backend_id_key;
  drop index network_region_id_backend_id_key;
  drop index if exists image_region_id_backend_id_idx;
  drop index flavor_region_id_backend_id_key;
  alter table subnet drop column if exists backend_id;
  alter table network drop column if exists backend_id;
  alter table flavor drop column if exists backend_id;
  alter table region
    drop constraint region_driver_check,
    add constraint region_driver_check check (driver in ('sim')),
    drop column driver_secrets,
    drop column driver_settings;`;

export class RegionDrivers1764630000000 implements MigrationInterface {
  readonly name = 'RegionDrivers1764630000000';
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query(DOWN);
  }
}
