import path from 'node:path';
import { migrateJobs } from '@nefos/service-kit';
import { describeSchema } from '@nefos/testing';
import { entities } from '../src/entities.js';
import { migrations } from '../src/migrations/index.js';
import { log } from './support.js';

describeSchema({
  name: 'compute',
  entities,
  migrations,
  log,
  more: migrateJobs,
  file: path.join(import.meta.dirname, '../schema.sql'),
});
