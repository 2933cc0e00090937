import { createHash, randomBytes } from 'node:crypto';
import { conflict } from '@nefos/service-kit';
import { actorOf, record } from '../../access/domain/audit.js';
import type { IntrospectionRequest } from '../../ctx.js';
import { writeTokenHash } from '../store/runs.js';
import { nodeUuidOf, runAbsent } from './find.js';
import { lockRun } from './transitions.js';

/**
 * A token for the callback of a run that is under way: only its hash is kept (contract introspection §12.2).
 * @throws Fault not_found node.absent, run.absent; conflict run.state
 */
export const issueRunToken = async (ctx: IntrospectionRequest, ref: string): Promise<string> => {
  const nodeUuid = await nodeUuidOf(ctx.db, ref);
  const token = randomBytes(32).toString('base64url');
  await ctx.db.transaction(async (tx) => {
    const run = await lockRun(tx, nodeUuid, 'now');
    if (!run) throw runAbsent(ref);
    if (run.state !== 'starting' && run.state !== 'waiting')
      throw conflict('run.state', { message: `Node ${nodeUuid} awaits no callback: its state is '${run.state}'` });
    await writeTokenHash(tx, nodeUuid, createHash('sha256').update(token).digest());
    const deed = { actor: actorOf(ctx.principal), operation: 'introspection.token', nodeUuid, result: 'done' };
    await record(tx, { ...deed, details: { run: run.id } });
  });
  return token;
};
