import { notFound } from '@nefos/service-kit';
import type { IntrospectionCtx } from '../../ctx.js';
import { demandNode } from '../../nodes/domain/nodes.js';
import { findData } from '../../runs/domain/records.js';

/**
 * Stored data of a node, as they were stored: the order of keys is theirs (contract introspection §2.6, §2.7).
 * @throws Fault not_found node.absent, data.absent
 */
export const readData = async (
  ctx: IntrospectionCtx,
  ref: string,
  kind: 'processed' | 'unprocessed',
): Promise<string> => {
  const { uuid } = await demandNode(ctx.db, ref);
  const found = await findData(ctx.db, uuid, kind);
  if (found === undefined)
    throw notFound('data.absent', {
      message: `Introspection data not found for node ${uuid}, processed=${kind === 'processed'}`,
    });
  return found;
};
