import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A subnet that a cloud has no more goes from the catalog, though addresses of it are taken or a router connects it. */
const UP = `
  alter table network_address drop constraint network_address_subnet_id_fkey,
    add constraint network_address_subnet_id_fkey foreign key (subnet_id) references subnet on delete set null;
  alter table router_interface drop constraint router_interface_subnet_id_fkey,
    add constraint router_interface_subnet_id_fkey foreign key (subnet_id) references subnet on delete cascade`;
const DOWN = `
  alter table router_interface drop constraint router_interface_subnet_id_fkey,
    add constraint router_interface_subnet_id_fkey foreign key (subnet_id) references subnet;
  alter table network_address drop constraint network_address_subnet_id_fkey,
    add constraint network_address_subnet_id_fkey foreign key (subnet_id) references subnet`;

export class GoneSubnets1764710001000 implements MigrationInterface {
  readonly name = 'GoneSubnets1764710001000';
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query(DOWN);
  }
}
