import { OUTBOX_SET_ASIDE_DDL, OUTBOX_SET_ASIDE_UNDO } from '@nefos/service-kit';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** An event that alone fails is set aside, so that others do not wait behind it. */
export class OutboxSetAside1763600003000 implements MigrationInterface {
  readonly name = 'OutboxSetAside1763600003000';
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(OUTBOX_SET_ASIDE_DDL);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query(OUTBOX_SET_ASIDE_UNDO);
  }
}
