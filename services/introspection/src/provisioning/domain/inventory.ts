import { notFound } from '@nefos/service-kit';
import type { IntrospectionCtx } from '../../ctx.js';
import { demandNode } from '../../nodes/domain/nodes.js';
import { absentBefore } from '../../nodes/domain/versions.js';
import { findData } from '../../runs/domain/records.js';
import { objectOf, type Json, type JsonObject } from '../../values.js';

/**
 * What the last inspection found, apart from what was made of it (contract introspection §12.1).
 * @throws Fault not_found: path, node.absent, inventory.absent
 */
export const readInventoryOf = async (
  ctx: IntrospectionCtx,
  ref: string,
  version: number,
): Promise<{ inventory: JsonObject; plugin_data: JsonObject }> => {
  absentBefore(version, 81);
  const { uuid } = await demandNode(ctx.db, ref);
  const text = await findData(ctx.db, uuid, 'processed');
  if (text === undefined)
    throw notFound('inventory.absent', { message: `Inventory for node ${uuid} could not be found.` });
  const { inventory, ...rest } = objectOf(JSON.parse(text) as Json);
  return { inventory: objectOf(inventory), plugin_data: rest };
};
