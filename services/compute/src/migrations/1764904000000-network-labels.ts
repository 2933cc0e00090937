import type { MigrationInterface, QueryRunner } from 'typeorm';

const TABLES = ['network', 'subnet', 'port', 'router', 'floating_ip', 'security_group', 'security_group_rule'];
const UP = `
  create table network_label (
    id uuid constraint network_label_pkey primary key,
    description text not null default '',
    tags text[] not null default '{}',
    revision int not null default 0,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
  );
  create function network_label_gone() returns trigger language plpgsql as $$
  begin
    delete from network_label where id = old.id;
    return null;
  end $$;
  ${TABLES.map((one) => `create trigger ${one}_label after delete on ${one} for each row execute function network_label_gone();`).join('\n  ')}`;
const DOWN = `
  ${TABLES.map((one) => `drop trigger ${one}_label on ${one};`).join('\n  ')}
  drop function network_label_gone();
  drop table network_label;`;

/**
 * What OpenStack's network API keeps of networks, ports and the like beside what the portal does (contract compute
 * §12.5). A label goes with its thing, whoever deletes that: hence the triggers.
 */
export class NetworkLabels1764904000000 implements MigrationInterface {
  readonly name = 'NetworkLabels1764904000000';
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query(DOWN);
  }
}
