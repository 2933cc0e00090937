import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Staff write the catalog. Names are unique where users go by them; a group that goes leaves its flavors without one.
 * A region or a flavor goes although deleted instances were made of it: their rows stay, without it. The check refuses
 * that for an instance that is not deleted, also one that is made at the same time. Rows that were written by hand with
 * one name get a part of their id behind it.
 */
const UP = `
  update flavor_group a set name = left(a.name, 100) || ' ' || a.id
    where exists (select from flavor_group b where b.name = a.name and b.id < a.id);
  alter table flavor_group add constraint flavor_group_name_key unique (name);
  update flavor a set name = left(a.name, 200) || ' ' || a.id
    where exists (select from flavor b where b.region_id = a.region_id and b.name = a.name and b.id < a.id);
  alter table flavor add constraint flavor_region_id_name_key unique (region_id, name),
    drop constraint flavor_flavor_group_id_fkey,
    add constraint flavor_flavor_group_id_fkey foreign key (flavor_group_id) references flavor_group on delete set null;
  drop index flavor_region_id_idx;
  create index flavor_flavor_group_id_idx on flavor (flavor_group_id);

  update network a set name = left(a.name, 200) || ' ' || a.id
    where exists (select from network b where b.region_id = a.region_id and b.project_id is not distinct from a.project_id
      and b.name = a.name and b.id < a.id);
  alter table network add constraint network_region_id_project_id_name_key
    unique nulls not distinct (region_id, project_id, name);
  update network a set is_default = false where is_default and exists (
    select from network b where b.is_default and b.region_id = a.region_id
      and b.project_id is not distinct from a.project_id and b.id < a.id);
  create unique index network_default_key on network (region_id, project_id) nulls not distinct where is_default;

  alter table subnet add column enable_dhcp boolean not null default true,
    add column dns_nameservers jsonb not null default '[]',
    add column allocation_pools jsonb not null default '[]',
    add column host_routes jsonb not null default '[]';
  comment on column subnet.allocation_pools is 'empty: every address but the gateway''s';

  alter table instance alter column region_id drop not null, alter column flavor_id drop not null,
    drop constraint instance_region_id_fkey, drop constraint instance_flavor_id_fkey,
    add constraint instance_region_id_fkey foreign key (region_id) references region on delete set null,
    add constraint instance_flavor_id_fkey foreign key (flavor_id) references flavor on delete set null,
    add constraint instance_region_id_check check (region_id is not null or vm_state = 'deleted'),
    add constraint instance_flavor_id_check check (flavor_id is not null or vm_state = 'deleted');`;
const DOWN = `
  delete from instance where region_id is null or flavor_id is null;
  alter table instance drop constraint instance_region_id_check, drop constraint instance_flavor_id_check,
    drop constraint instance_region_id_fkey, drop constraint instance_flavor_id_fkey,
    alter column region_id set not null, alter column flavor_id set not null,
    add constraint instance_region_id_fkey foreign key (region_id) references region,
    add constraint instance_flavor_id_fkey foreign key (flavor_id) references flavor;
  alter table subnet drop column enable_dhcp, drop column dns_nameservers, drop column allocation_pools,
    drop column host_routes;
  drop index network_default_key;
  alter table network drop constraint network_region_id_project_id_name_key;
  drop index flavor_flavor_group_id_idx;
  create index flavor_region_id_idx on flavor (region_id);
  alter table flavor drop constraint flavor_region_id_name_key, drop constraint flavor_flavor_group_id_fkey,
    add constraint flavor_flavor_group_id_fkey foreign key (flavor_group_id) references flavor_group;
  alter table flavor_group drop constraint flavor_group_name_key;`;

export class CatalogWrites1764600000000 implements MigrationInterface {
  readonly name = 'CatalogWrites1764600000000';
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query(DOWN);
  }
}
