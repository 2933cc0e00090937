import type { MigrationInterface, QueryRunner } from 'typeorm';

const UP = `
  alter table outbox add column blamed int not null default 0, add column set_aside_at timestamptz;
  create index outbox_set_aside_idx on outbox (aggregate, id) where set_aside_at is not null;
  create index outbox_refused_idx on outbox (id) where refused_at is not null;`;
const DOWN = `
  drop index outbox_refused_idx;
  drop index outbox_set_aside_idx;
  alter table outbox drop column set_aside_at, drop column blamed;`;

/** An event that alone fails is set aside, so that others do not wait behind it. */
export class OutboxSetAside1763600003000 implements MigrationInterface {
  readonly name = 'OutboxSetAside1763600003000';
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query(DOWN);
  }
}
