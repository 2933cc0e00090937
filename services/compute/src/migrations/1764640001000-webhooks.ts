import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Receivers of events, and what is or was sent to them (contract compute §10.2). */
const UP = `
  create table webhook (
    id uuid constraint webhook_pkey primary key,
    client_id int constraint webhook_client_id_fkey references client on delete cascade,
    staff boolean not null,
    url text not null,
    description text not null default '',
    event_types text[] not null default '{}',
    secret text not null,
    enabled boolean not null default true,
    disabled_reason text,
    since_xact bigint not null,
    failures int not null default 0,
    failing_since timestamptz,
    last_error text,
    next_attempt_at timestamptz not null default now(),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
  );
  create index webhook_client_id_idx on webhook (client_id, created_at, id);
  create index webhook_created_at_idx on webhook (created_at, id);
  create index webhook_next_attempt_at_idx on webhook (next_attempt_at) where enabled;
  create table webhook_delivery (
    id uuid constraint webhook_delivery_pkey primary key,
    webhook_id uuid not null constraint webhook_delivery_webhook_id_fkey references webhook on delete cascade,
    xact bigint not null,
    sequence bigint not null,
    event_type text not null,
    body text not null,
    status text not null default 'pending'
      constraint webhook_delivery_status_check check (status in ('pending', 'delivered', 'failed')),
    attempts int not null default 0,
    response_status int,
    error text,
    created_at timestamptz not null default now(),
    attempted_at timestamptz
  );
  create index webhook_delivery_pending_idx on webhook_delivery (webhook_id, xact, sequence) where status = 'pending';
  create index webhook_delivery_webhook_id_idx on webhook_delivery (webhook_id, created_at, id);`;
const DOWN = `drop table webhook_delivery; drop table webhook`;

export class Webhooks1764640001000 implements MigrationInterface {
  readonly name = 'Webhooks1764640001000';
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query(DOWN);
  }
}
