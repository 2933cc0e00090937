import path from 'node:path';
import { describeSchema } from '@nefos/testing';
import { migrateJobs } from '@nefos/service-kit';
import { pino } from 'pino';
import { entities } from '../src/entities.js';
import { migrations } from '../src/migrations/index.js';

describeSchema({
  name: 'identity',
  entities,
  migrations,
  more: migrateJobs,
  log: pino({ level: 'silent' }),
  file: path.join(__dirname, '../schema.sql'),
});
