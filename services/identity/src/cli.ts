import { createLog, createMetrics, Fault, refuseUnfinishedRestore } from '@nefos/service-kit';
import { program } from './cli/program.js';
import { readIdentityConfig } from './config.js';
import { describeFault } from './dialect.js';
import { makeCtx, openIdentityDatabase } from './start.js';

const open = async () => {
  const config = readIdentityConfig();
  const log = createLog('identity-cli', 'warn');
  const db = await openIdentityDatabase({ ...config, NEFOS_DATABASE_POOL: 2 }, log);
  try {
    await refuseUnfinishedRestore(db.pool);
    return { ctx: await makeCtx(config, { db, log, metrics: createMetrics('identity-cli', false), actor: 'operator' }), close: () => db.close() };
  } catch (err) {
    await db.close();
    throw err;
  }
};
try {
  await program(open).parseAsync();
} catch (err) {
  process.stderr.write(`${err instanceof Fault ? describeFault(err) : (err as Error).message}\n`);
  process.exitCode = 1;
}
