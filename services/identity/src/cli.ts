import { createLog, createMetrics, databaseAway, Fault, refuseUnfinishedRestore } from '@nefos/service-kit';
import { program } from './cli/program.js';
import { readIdentityConfig } from './config.js';
import { describeFault } from './sentences.js';
import { makeCtx, openIdentityDatabase } from './make-ctx.js';

const open = async () => {
  const config = readIdentityConfig();
  const log = createLog('identity-cli', 'warn');
  const db = await openIdentityDatabase({ ...config, NEFOS_DATABASE_POOL: 2 }, log);
  try {
    await refuseUnfinishedRestore(db.pool);
    return {
      ctx: await makeCtx(config, { db, log, metrics: createMetrics('identity-cli', false), actor: 'operator' }),
      close: () => db.close(),
    };
  } catch (err) {
    await db.close();
    throw err;
  }
};
try {
  await program(open).parseAsync();
} catch (err) {
  const message = err instanceof Fault ? describeFault(err) : (err as Error).message;
  process.stderr.write(
    databaseAway(err)
      ? `the database can not be used (${message}): is Nefos running, is NEFOS_IDENTITY_DATABASE_URL right?\n`
      : `${message}\n`,
  );
  process.exitCode = 1;
}
