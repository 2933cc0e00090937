import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What metering was told of images, volumes, floating IPs and traffic; clients' images that are there are due. */
const UP = `
  create table metered_resource (
    kind text not null constraint metered_resource_kind_check
      check (kind in ('image', 'volume', 'volume_snapshot', 'volume_backup', 'floating_ip', 'traffic')),
    resource_id text not null,
    client_id int not null,
    region_id text not null,
    quantity bigint not null,
    sequence int not null,
    due boolean not null default false,
    constraint metered_resource_pkey primary key (kind, resource_id)
  );
  create index metered_resource_client_id_idx on metered_resource (client_id);
  create index metered_resource_due_idx on metered_resource (kind, resource_id) where due;
  insert into metered_resource (kind, resource_id, client_id, region_id, quantity, sequence, due)
    select 'image', m.id::text, s.client_id, m.region_id, coalesce(m.size, 0), 0, true
    from image m join project j on j.id = m.project_id join service s on s.id = j.service_id
    where m.status in ('active', 'deactivated') and m.region_id is not null`;
const DOWN = `drop table metered_resource`;

export class MeteredResources1764720001000 implements MigrationInterface {
  readonly name = 'MeteredResources1764720001000';
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query(DOWN);
  }
}
