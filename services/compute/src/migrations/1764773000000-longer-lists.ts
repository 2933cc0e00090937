import type { MigrationInterface, QueryRunner } from 'typeorm';

const UP = `
  create index volume_name_idx on volume (name, id);
  create index volume_size_gb_idx on volume (size_gb, id);
  create index volume_status_idx on volume (status, created_at, id) where status not in ('available', 'in-use');
  create index port_name_idx on port (name, id);
  create index port_mac_address_idx on port (mac_address, id);
  create index floating_ip_address_idx on floating_ip (host(address), id)`;

const DOWN = `
  drop index floating_ip_address_idx;
  drop index port_mac_address_idx;
  drop index port_name_idx;
  drop index volume_status_idx;
  drop index volume_size_gb_idx;
  drop index volume_name_idx`;

/** Indexes of the usual filters and orders of volumes, ports and floating IPs. */
export class LongerLists1764773000000 implements MigrationInterface {
  readonly name = 'LongerLists1764773000000';
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query(DOWN);
  }
}
