import {
  createLog,
  createMetrics,
  createSecretBox,
  parsePeers,
  refuseUnfinishedRestore,
  systemClock,
} from '@nefos/service-kit';
import type { Caller } from '../access/domain/callers.js';
import { readComputeConfig } from '../config.js';
import type { ComputeRequest } from '../ctx.js';
import { openComputeDatabase } from '../database.js';
import { createDrivers } from '../ports/drivers.js';
import { createImageDirectory } from '../ports/image-directory.js';
import { createImageSource } from '../ports/image-source.js';

/** Who acts where no user does: the operator at the machine, who may do what staff may. */
export const OPERATOR: Caller = {
  userId: 0,
  uuid: '00000000-0000-0000-0000-000000000000',
  username: 'operator',
  email: '',
  firstName: 'Operator',
  lastName: '',
  active: true,
  staff: true,
  superuser: true,
  clientIds: [],
  readOnly: false,
};
/**
 * The context of one command: the database, what reads of it, the data of images, and the hypervisors. Commands call no
 * other service, so that the ports to them are not there.
 */
export const openContext = async (): Promise<{ ctx: ComputeRequest; close: () => Promise<void> }> => {
  // The token is for calls of other services, which no command makes.
  const config = readComputeConfig({ NEFOS_COMPUTE_TOKEN: 'the command line calls nobody', ...process.env });
  const log = createLog('compute-cli', 'error');
  const db = await openComputeDatabase(config.NEFOS_COMPUTE_DATABASE_URL, 2, log);
  try {
    await refuseUnfinishedRestore(db.pool);
  } catch (err) {
    await db.close();
    throw err;
  }
  const secrets = createSecretBox(config.NEFOS_SECRET_KEYS);
  // What a hypervisor answers is printed.
  const drivers = createDrivers(db, config, { secrets, log: createLog('compute-cli', 'silent') });
  const close = async (): Promise<void> => {
    await drivers.close();
    await db.close();
  };
  const ctx = {
    db,
    log,
    config,
    clock: systemClock,
    metrics: createMetrics('compute-cli', false),
    checkResponses: false,
    secrets,
    drivers,
    images: createImageDirectory(config.NEFOS_COMPUTE_IMAGE_DIR),
    imageSource: createImageSource(parsePeers(config.NEFOS_COMPUTE_IMPORT_NETWORKS)),
    caller: OPERATOR,
    requestId: '',
    principal: null,
    logged: { security: false },
  };
  return { ctx: ctx as Partial<ComputeRequest> as ComputeRequest, close };
};
