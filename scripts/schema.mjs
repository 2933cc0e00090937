#!/usr/bin/env node
// npm run schema: writes services/<name>/schema.sql from a migrated database. A test of each service fails while it
// is stale.
import './lib/check-node.cjs';
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { argsOrExit } from './lib/options.mjs';
import { build, install, root } from './lib/prepare.mjs';
import { step } from './lib/progress.mjs';

argsOrExit(
  'npm run schema\n\n' +
    'Writes services/<name>/schema.sql from a migrated database, in a PostgreSQL of its own. No options.',
);
await step('dependencies', install);
await step('build', build);
const { pino } = await import('pino');
const { migrate, openDatabase } = await import('@nefos/service-kit');
const { schemaText } = await import(path.join(root, 'packages/testing/dist/schema-text.js'));
const { startThrowAwayPg } = await import('./local-postgres.mjs');

const log = pino({ level: 'silent' });
/** The list of a service's migrations, from the compiled service. */
const migrationsOf = async (service) => {
  const dist = path.join(root, 'services', service, 'dist');
  const file = ['migrations/index.js', 'store/migrations/index.js', 'store/data-source.js']
    .map((name) => path.join(dist, name))
    .find(existsSync);
  return (await import(file)).migrations;
};
const server = await startThrowAwayPg('schema');
const address = (database) =>
  `postgres://${server.user}:${encodeURIComponent(server.password)}@${server.host}:${server.port}/${database}`;
const open = (database, migrations) =>
  openDatabase({ url: address(database), migrations, poolSize: 2, applicationName: 'nefos-schema', log });
try {
  const admin = await open('postgres', []);
  for (const name of ['identity', 'compute', 'metering', 'introspection'])
    await step(`services/${name}/schema.sql`, async () => {
      await admin.pool.query(`create database ${name}`);
      const db = await open(name, await migrationsOf(name));
      await migrate(db);
      writeFileSync(path.join(root, 'services', name, 'schema.sql'), await schemaText(db));
      await db.close();
    });
  await admin.close();
} finally {
  await server.stop();
}
