import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Ports that were there before have the groups that their hypervisor gave, not none. Floating IPs that were there are
 * metered. Ports without an address of instances whose build failed go: a repeated build makes new ones.
 */
const UP = `
  alter table port add column groups_known boolean not null default true;
  update port p set groups_known = false
    where not exists (select from port_security_group x where x.port_id = p.id);
  insert into metered_resource (kind, resource_id, client_id, region_id, quantity, sequence, due)
    select 'floating_ip', f.id::text, s.client_id, f.region_id, 1, 0, true
    from floating_ip f join project j on j.id = f.project_id join service s on s.id = j.service_id
    on conflict do nothing;
  delete from port p using instance i
    where i.id = p.instance_id and i.launched_at is null and i.vm_state = 'error' and p.of_instance
      and not exists (select from network_address a where a.port_id = p.id)
      and not exists (select from floating_ip f where f.port_id = p.id)`;
/** What was metered meanwhile stays. */
const DOWN = `alter table port drop column groups_known`;

export class KnownGroups1764760000000 implements MigrationInterface {
  readonly name = 'KnownGroups1764760000000';
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query(DOWN);
  }
}
