import { runMain } from '@nefos/service-kit';
import { readIdentityConfig } from './config.js';
import { start } from './start.js';

await runMain(async () => start(readIdentityConfig()));
