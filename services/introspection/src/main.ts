import { runMain } from '@nefos/service-kit';
import { readIntrospectionConfig } from './config.js';
import { start } from './start.js';

await runMain(() => start(readIntrospectionConfig()));
