import { openDatabase, sql } from '@nefos/service-kit';
import { cloneDatabase, describeMigrations } from '@nefos/testing';
import pino from 'pino';
import { migrations } from '../src/migrations/index.js';

const log = pino({ level: 'silent' });

it('migrations: what a closed AWS account kept is gone before keep-usage, a closed name gives way, runs have their image back', async () => {
  const { url, drop } = await cloneDatabase({ name: 'metering_bare', migrations, log });
  const db = await openDatabase({ url, migrations, log, applicationName: 'test' });
  try {
    await db.pool.query(`
      insert into app_user (id, account_number) values (1, 'u');
      insert into aws_cloud_account (id, aws_account_id, account_arn, closed) values (1, '000000000001', 'a', true), (2, '000000000001', 'a', false);
      insert into nefos_cloud_account (id, client_id) values (1, 'c'), (2, 'd');
      insert into cloud_account (id, user_id, name, aws_cloud_account_id, closed_at) values (1, 1, 'n', 1, now()), (2, 1, 'n', 2, null);
      insert into cloud_account (id, user_id, name, nefos_cloud_account_id, closed_at) values (3, 1, 'n', 1, now()), (4, 1, 'o', 2, null);
      insert into nefos_machine_image (id, image_uuid) values (1, 'i'); insert into machine_image (id, nefos_machine_image_id) values (1, 1);
      insert into aws_instance (id, ec2_instance_id, region) values (1, 'i-1', 'r'), (2, 'i-2', 'r');
      insert into instance (id, user_id, cloud_account_id, aws_instance_id, machine_image_id) values (1, 1, 1, 1, 1), (2, 1, 2, 2, 1);
      insert into run (user_id, cloud_account_id, instance_id, start_time) values (1, 1, 1, '2026-01-01'), (1, 2, 2, '2026-01-01')`);
    for (const _ of migrations.slice(1)) await db.source.undoLastMigration();
    expect(await sql(db, 'select id::int, name from cloud_account order by id')).toEqual([
      { id: 2, name: 'n' },
      { id: 3, name: 'n (closed 3)' },
      { id: 4, name: 'o' },
    ]);
    expect(await sql(db, 'select instance_id::int instance, machine_image_id::int image from run')).toEqual([
      { instance: 2, image: 1 },
    ]);
    await db.source.runMigrations();
    expect(await sql(db, 'select instance_id::int instance from run')).toEqual([{ instance: 2 }]);
  } finally {
    await db.close();
    await drop();
  }
});
it('keep-usage leaves what a replica of the previous version writes: they are replaced one by one', async () => {
  const { url, drop } = await cloneDatabase({ name: 'metering_bare', migrations, log });
  const db = await openDatabase({ url, migrations, log, applicationName: 'test' });
  try {
    // The statement of the version before, but for its values.
    await db.pool.query(
      `insert into run (user_id, cloud_account_id, instance_id, machine_image_id, start_time, end_time, instance_type, vcpu, memory)
       values (1, 1, 1, 7, '2026-01-01', null, null, null, null)`,
    );
    // The one of today names no image.
    await db.pool.query(
      "insert into run (user_id, cloud_account_id, instance_id, start_time) values (1, 1, 2, '2026-01-01')",
    );
    expect(await sql(db, 'select instance_id::int instance, machine_image_id::int image from run order by id')).toEqual(
      [
        { instance: 1, image: 7 },
        { instance: 2, image: null },
      ],
    );
  } finally {
    await db.close();
    await drop();
  }
});
describeMigrations({ name: 'metering_bare', migrations });
