import { facadeVolume } from '@nefos/contracts';
import { keyedFault, type Face } from '../../facade/api/face.js';
import { negotiateMicroversion } from '../../facade/api/microversion.js';
import { isQuota } from '../../facade/api/statuses.js';
import type { Fault } from '@nefos/service-kit';

/** Microversions of Cinder that are offered. */
export const CINDER = { service: 'volume', major: 3, min: 0, max: 67 } as const;

/** Cinder says of a quota what is allowed, in sentences of its own. */
const quotaSentence = ({ code, params }: Fault): string | undefined => {
  const { resource, requested, used, limit } = params as Record<string, unknown>;
  if (code !== 'create.quota') return undefined;
  const name = String(resource);
  const sentences: Readonly<Record<string, string>> = {
    volumes: `VolumeLimitExceeded: Maximum number of volumes allowed (${String(limit)}) exceeded for quota 'volumes'.`,
    gigabytes:
      'VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds allowed gigabytes quota. ' +
      `Requested ${String(requested)}G, quota is ${String(limit)}G and ${String(used)}G has been consumed.`,
    snapshots: `SnapshotLimitExceeded: Maximum number of snapshots allowed (${String(limit)}) exceeded`,
    backups: `BackupLimitExceeded: Maximum number of backups allowed (${String(limit)}) exceeded`,
  };
  return sentences[name];
};
/** Cinder answers 400 where a state does not allow something. */
const isState = ({ kind, code }: Fault): boolean =>
  kind === 'conflict' &&
  (code.startsWith('volume.') || code === 'action.unsupported' || code === 'region.no_snapshots');

/** `If-Match` names what is not there any more (3.15). */
const isStale = ({ kind, code }: Fault): boolean => kind === 'precondition' && code === 'facade.refused';

/** The block storage API: Cinder's. */
export const volumeFace: Face = {
  prefix: '/volume',
  api: facadeVolume.volumeFaceApi,
  projectAfter: '/volume/v3',
  statusOf: (fault) => (isQuota(fault) ? 413 : isStale(fault) ? 412 : isState(fault) ? 400 : undefined),
  faultBody: (refused) => keyedFault({ ...refused, message: quotaSentence(refused.fault) ?? refused.message }),
  negotiate: (req, res, ctx) => negotiateMicroversion(req, res, ctx, CINDER),
};
