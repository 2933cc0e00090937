import { runMain } from '@nefos/service-kit';
import { readComputeConfig } from './config.js';
import { start } from './start.js';

await runMain(() => start(readComputeConfig()));
