import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Ports, floating IPs, security groups and routers (contract compute §8.1), the addresses that are taken of each
 * network, and what drivers have to be told of. Every interface of every instance becomes a port.
 */
const UP = `
  alter table network
    add managed boolean not null default false,
    add auto_created boolean not null default false,
    add fault jsonb,
    add given_name text;
  alter table image add gone boolean not null default false;
  create unique index network_auto_created_key on network (project_id, region_id) where auto_created;

  create table security_group (
    id uuid constraint security_group_pkey primary key,
    project_id text not null,
    region_id text not null constraint security_group_region_id_fkey references region on delete cascade,
    name text not null,
    description text not null default '',
    is_default boolean not null default false,
    status text not null default 'ACTIVE',
    fault jsonb,
    backend_id text,
    created_at timestamptz not null default now()
  );
  create unique index security_group_default_key on security_group (project_id, region_id) where is_default;
  create index security_group_project_id_idx on security_group (project_id, created_at, id);
  create index security_group_created_at_idx on security_group (created_at, id);
  create index security_group_region_id_idx on security_group (region_id);
  create table security_group_rule (
    id uuid constraint security_group_rule_pkey primary key,
    security_group_id uuid not null
      constraint security_group_rule_security_group_id_fkey references security_group on delete cascade,
    direction text not null constraint security_group_rule_direction_check check (direction in ('ingress', 'egress')),
    ethertype text not null constraint security_group_rule_ethertype_check check (ethertype in ('IPv4', 'IPv6')),
    protocol text,
    port_min integer,
    port_max integer,
    remote_prefix cidr,
    remote_group_id uuid constraint security_group_rule_remote_group_id_fkey references security_group,
    created_at timestamptz not null default now(),
    constraint security_group_rule_remote_check check (remote_prefix is null or remote_group_id is null),
    constraint security_group_rule_security_group_id_direction_key unique nulls not distinct
      (security_group_id, direction, ethertype, protocol, port_min, port_max, remote_prefix, remote_group_id)
  );
  create index security_group_rule_remote_group_id_idx on security_group_rule (remote_group_id);

  create table port (
    id uuid constraint port_pkey primary key,
    network_id uuid not null constraint port_network_id_fkey references network,
    project_id text not null,
    region_id text not null,
    name text not null default '',
    mac_address text,
    instance_id uuid constraint port_instance_id_fkey references instance,
    position integer not null default 0,
    of_instance boolean not null default false,
    change text constraint port_change_check check (change in ('attaching', 'detaching')),
    port_security boolean not null default true,
    status text not null default 'DOWN',
    fault jsonb,
    backend_id text,
    created_at timestamptz not null default now(),
    constraint port_change_instance_check check (change is null or instance_id is not null)
  );
  create index port_network_id_idx on port (network_id);
  create index port_instance_id_idx on port (instance_id, position);
  create index port_project_id_idx on port (project_id, created_at, id);
  create index port_created_at_idx on port (created_at, id);
  create table port_security_group (
    port_id uuid not null constraint port_security_group_port_id_fkey references port on delete cascade,
    security_group_id uuid not null constraint port_security_group_security_group_id_fkey references security_group,
    constraint port_security_group_pkey primary key (port_id, security_group_id)
  );
  create index port_security_group_security_group_id_idx on port_security_group (security_group_id);

  create table floating_ip (
    id uuid constraint floating_ip_pkey primary key,
    network_id uuid not null constraint floating_ip_network_id_fkey references network,
    project_id text not null,
    region_id text not null,
    address inet,
    port_id uuid constraint floating_ip_port_id_fkey references port,
    fixed_address inet,
    status text not null default 'DOWN',
    fault jsonb,
    backend_id text,
    created_at timestamptz not null default now(),
    constraint floating_ip_fixed_address_check check ((port_id is null) = (fixed_address is null))
  );
  create unique index floating_ip_port_id_fixed_address_key on floating_ip (port_id, fixed_address);
  create index floating_ip_network_id_idx on floating_ip (network_id);
  create index floating_ip_project_id_idx on floating_ip (project_id, created_at, id);
  create index floating_ip_created_at_idx on floating_ip (created_at, id);

  create table network_address (
    network_id uuid not null constraint network_address_network_id_fkey references network,
    address inet not null,
    subnet_id uuid constraint network_address_subnet_id_fkey references subnet,
    port_id uuid constraint network_address_port_id_fkey references port on delete cascade,
    floating_ip_id uuid constraint network_address_floating_ip_id_fkey references floating_ip on delete cascade,
    position integer not null default 0,
    constraint network_address_pkey primary key (network_id, address),
    constraint network_address_owner_check check (num_nonnulls(port_id, floating_ip_id) = 1)
  );
  create index network_address_port_id_idx on network_address (port_id);
  create index network_address_floating_ip_id_idx on network_address (floating_ip_id);
  create index network_address_subnet_id_idx on network_address (subnet_id);

  create table router (
    id uuid constraint router_pkey primary key,
    project_id text not null,
    region_id text not null constraint router_region_id_fkey references region on delete cascade,
    name text not null,
    external_network_id uuid constraint router_external_network_id_fkey references network,
    status text not null default 'ACTIVE',
    fault jsonb,
    backend_id text,
    created_at timestamptz not null default now()
  );
  create index router_project_id_idx on router (project_id, created_at, id);
  create index router_created_at_idx on router (created_at, id);
  create index router_region_id_idx on router (region_id);
  create index router_external_network_id_idx on router (external_network_id);
  create table router_interface (
    subnet_id uuid constraint router_interface_pkey primary key
      constraint router_interface_subnet_id_fkey references subnet,
    router_id uuid not null constraint router_interface_router_id_fkey references router
  );
  create index router_interface_router_id_idx on router_interface (router_id);

  create table network_sync (
    kind text not null,
    id uuid not null,
    region_id text not null constraint network_sync_region_id_fkey references region on delete cascade,
    backend_id text,
    gone boolean not null default false,
    removed boolean not null default false,
    revision integer not null default 1,
    done_revision integer not null default 0,
    attempts integer not null default 0,
    error jsonb,
    next_check_at timestamptz,
    constraint network_sync_pkey primary key (kind, id)
  );
  create index network_sync_next_check_at_idx on network_sync (next_check_at) where next_check_at is not null;
  create index network_sync_region_id_idx on network_sync (region_id);

  alter table sim_machine add ports jsonb not null default '[]';
  create table sim_network_thing (
    kind text not null,
    portal_id uuid not null,
    region text not null,
    spec jsonb not null,
    constraint sim_network_thing_pkey primary key (kind, portal_id)
  );

  insert into port (id, network_id, project_id, region_id, instance_id, position, of_instance, status, created_at)
  select gen_random_uuid(), n.id, i.project_id, i.region_id, i.id, w.position - 1, true,
    case when i.vm_state = 'active' then 'ACTIVE' else 'DOWN' end, i.created_at
  from instance i cross join unnest(i.networks) with ordinality w(id, position) join network n on n.id = w.id
  where i.vm_state <> 'deleted';
  with shown as (
    select i.id instance_id, n.id network_id, a.value ->> 'addr' addr, a.value ->> 'mac' mac,
      row_number() over (partition by i.id, n.id order by a.position) nth
    from instance i cross join jsonb_array_elements(i.addresses) with ordinality a(value, position)
      join network n on n.id = any(i.networks) and n.name = a.value ->> 'network'
    where i.vm_state <> 'deleted' and a.value ->> 'type' = 'fixed'
  ), numbered as (
    select id, instance_id, network_id, row_number() over (partition by instance_id, network_id order by position) nth
    from port
  ), found as (
    select p.id, p.network_id, s.addr, s.mac from numbered p join shown s using (instance_id, network_id, nth)
  ), named as (
    update port set mac_address = f.mac from found f where f.id = port.id
  )
  insert into network_address (network_id, address, subnet_id, port_id)
  select f.network_id, f.addr::inet,
    (select s.id from subnet s where s.network_id = f.network_id and f.addr::inet <<= s.cidr limit 1), f.id
  from found f on conflict do nothing;`;
const DOWN = `
  drop table sim_network_thing;
  alter table sim_machine drop ports;
  drop table network_sync;
  drop table router_interface;
  drop table router;
  drop table network_address;
  drop table floating_ip;
  drop table port_security_group;
  drop table port;
  drop table security_group_rule;
  drop table security_group;
  drop index network_auto_created_key;
  alter table network drop managed, drop auto_created, drop fault, drop given_name;
  alter table image drop gone`;

export class Networking1764710000000 implements MigrationInterface {
  readonly name = 'Networking1764710000000';
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query(DOWN);
  }
}
