import { runMain } from '@nefos/service-kit';
import { readGatewayConfig } from './config.js';
import { start } from './start.js';

await runMain(async () => start(readGatewayConfig()));
