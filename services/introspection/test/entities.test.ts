import path from 'node:path';
import { describeSchema } from '@nefos/testing';
import pino from 'pino';
import { entities } from '../src/entities.js';
import { migrations } from '../src/migrations/index.js';

describeSchema({
  name: 'introspection_schema',
  entities,
  migrations,
  log: pino({ level: 'silent' }),
  file: path.join(__dirname, '../schema.sql'),
});
