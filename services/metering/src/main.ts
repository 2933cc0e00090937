import { runMain } from '@nefos/service-kit';
import { readMeteringConfig } from './config.js';
import { start } from './start.js';

await runMain(() => start(readMeteringConfig()));
