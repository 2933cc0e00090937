import { facadeNetwork } from '@nefos/contracts';
import type { Face } from '../../facade/api/face.js';
import { isQuota } from '../../facade/api/statuses.js';
import type { FaultKind } from '@nefos/service-kit';

/** Types of faults that have none of their own. */
const TYPES: Partial<Record<FaultKind, string>> = {
  invalid: 'HTTPBadRequest',
  forbidden: 'PolicyNotAuthorized',
  not_found: 'HTTPNotFound',
  method: 'HTTPMethodNotAllowed',
  conflict: 'Conflict',
};

/** The network API: Neutron's. */
export const networkFace: Face = {
  prefix: '/network',
  api: facadeNetwork.networkFaceApi,
  statusOf: (fault) => (isQuota(fault) ? 409 : undefined),
  faultBody: ({ message, fault }) => ({
    NeutronError: {
      type:
        typeof fault.params.type === 'string'
          ? fault.params.type
          : isQuota(fault)
            ? 'OverQuota'
            : (TYPES[fault.kind] ?? 'HTTPError'),
      message,
      detail: '',
    },
  }),
};
