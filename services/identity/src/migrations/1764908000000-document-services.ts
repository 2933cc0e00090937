import type { MigrationInterface, QueryRunner } from 'typeorm';

const UP = `
  alter table service add column document boolean not null default false;
  update service s set document = true
  where s.name in ('cyclades_compute', 'cyclades_vmapi', 'cyclades_plankton', 'pithos_public', 'pithos_object-store')
    and exists (select from loaded_fixture where name = 'demo')
    and exists (select from endpoint e join endpoint_data d on d.endpoint_id = e.id
      where e.service_id = s.id and d.key = 'publicURL' and d.value like 'https://%.example.synnefo.org/%');`;

/** Services of the guide's catalog that nobody serves: only the demo's people of the guide are shown them. */
export class DocumentServices1764908000000 implements MigrationInterface {
  name = 'DocumentServices1764908000000';
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table service drop column document');
  }
}
