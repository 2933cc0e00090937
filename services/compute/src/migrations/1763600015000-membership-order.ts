import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The order in which a user came to clients: the first stays the default. Of old memberships only the age of the client is known. */
export class MembershipOrder1763600015000 implements MigrationInterface {
  readonly name = 'MembershipOrder1763600015000';
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create sequence client_user_position_seq;
      alter table client_user add column position bigint;
      update client_user m set position = o.n
        from (select m.client_id, m.user_id, row_number() over (order by c.created_at, c.id, m.user_id) n
          from client_user m join client c on c.id = m.client_id) o
        where o.client_id = m.client_id and o.user_id = m.user_id;
      select setval('client_user_position_seq', (select coalesce(max(position), 0) + 1 from client_user), false);
      alter table client_user alter column position set default nextval('client_user_position_seq'), alter column position set not null;
      alter sequence client_user_position_seq owned by client_user.position;
      drop index client_user_user_id_idx;
      create index client_user_user_id_idx on client_user (user_id, position) include (client_id);`);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop index client_user_user_id_idx;
      create index client_user_user_id_idx on client_user (user_id, client_id);
      alter table client_user drop column position;`);
  }
}
