import { readFile } from 'node:fs/promises';
import { notFound } from '@nefos/service-kit';
import type { IntrospectionCtx } from '../../ctx.js';
import { demandNode } from '../../nodes/domain/nodes.js';
import type { Report } from './report-workers.js';

/**
 * Keeps the logs that came with a report, where the installation keeps them: of a run that failed, or of all. A disk
 * that is full fails no run.
 */
export const keepLogs = async (
  { ramdiskLogs, config, log }: IntrospectionCtx,
  node: string,
  { logs }: Report,
  failed: boolean,
): Promise<void> => {
  if (!ramdiskLogs || !logs || (!failed && config.NEFOS_INTROSPECTION_RAMDISK_LOGS !== 'always')) return;
  await ramdiskLogs
    .keep(node, logs)
    .catch((err: unknown) => log.warn({ err, node }, 'logs of a ramdisk could not be kept'));
};
/** The newest archive of a node. @throws Fault not_found node.absent, logs.absent */
export const readLogs = async ({ db, ramdiskLogs }: IntrospectionCtx, ref: string): Promise<Buffer> => {
  const { uuid } = await demandNode(db, ref);
  const file = await ramdiskLogs?.newest(uuid);
  const found = file === undefined ? undefined : await readFile(file).catch(() => undefined);
  if (!found)
    throw notFound('logs.absent', {
      message:
        `There are no ramdisk logs of node ${uuid}` +
        (ramdiskLogs ? '' : ': none are kept, since NEFOS_INTROSPECTION_RAMDISK_LOGS_DIR is not set'),
    });
  return found;
};
