import type { MigrationInterface, QueryRunner } from 'typeorm';

/** `nefos audit list`: newest first by who acted, by what was done, by result; since when by a small index, since instants rise with the ids. */
export class AuditLists1764410000000 implements MigrationInterface {
  name = 'AuditLists1764410000000';
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create index audit_event_actor_idx on audit_event (actor, id);
      create index audit_event_action_idx on audit_event (action, id);
      create index audit_event_refused_idx on audit_event (id) where result = 'refused';
      create index audit_event_at_idx on audit_event using brin (at);`);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      'drop index audit_event_actor_idx, audit_event_action_idx, audit_event_refused_idx, audit_event_at_idx',
    );
  }
}
