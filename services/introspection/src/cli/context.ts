import { createLog, createMetrics, createSecretBox, refuseUnfinishedRestore, systemClock } from '@nefos/service-kit';
import { readIntrospectionConfig } from '../config.js';
import type { IntrospectionCtx } from '../ctx.js';
import { openIntrospectionDatabase } from '../make-ctx.js';

/** The context of one command: the database and what reads of it. Commands call no other service and no machine. */
export const openContext = async (): Promise<{ ctx: IntrospectionCtx; close: () => Promise<void> }> => {
  // The token is for calls of other services, which no command makes.
  const config = readIntrospectionConfig({
    NEFOS_INTROSPECTION_TOKEN: 'the command line calls nobody',
    ...process.env,
  });
  const log = createLog('introspection-cli', 'error');
  const db = await openIntrospectionDatabase(config, log);
  try {
    await refuseUnfinishedRestore(db.pool);
  } catch (err) {
    await db.close();
    throw err;
  }
  const ctx: Partial<IntrospectionCtx> = {
    db,
    log,
    config,
    clock: systemClock,
    metrics: createMetrics('introspection-cli', false),
    checkResponses: false,
    secrets: createSecretBox(config.NEFOS_SECRET_KEYS),
  };
  return { ctx: ctx as IntrospectionCtx, close: () => db.close() };
};
