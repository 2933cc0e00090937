// @ts-check
// A process that runs the jobs of this service, for tests that end it by SIGKILL. It says when it is ready.
import { createLog, createMetrics, startWorker } from '@nefos/service-kit';
import { readIntrospectionConfig } from '../../dist/config.js';
import { tasks } from '../../dist/jobs.js';
import { makeCtx, openIntrospectionDatabase } from '../../dist/make-ctx.js';

const config = readIntrospectionConfig(process.env);
const log = createLog('introspection', 'silent');
const metrics = createMetrics('introspection', false);
const db = await openIntrospectionDatabase(config, log);
const ctx = makeCtx(config, { db, log, metrics });
const url = config.NEFOS_INTROSPECTION_DATABASE_URL;
await startWorker({ db, url, tasks: tasks(ctx), concurrency: 4, log, metrics });
process.stdout.write('ready\n');
