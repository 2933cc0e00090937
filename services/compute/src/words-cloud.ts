import type { Words } from './wording.js';

export interface Action {
  id: string;
  /** The action as Nova calls it. */
  word: string;
}
export interface ActionInState extends Action {
  state: string;
}
export interface Credit {
  available: string;
  required: string;
  currency: string;
}
export interface Usage {
  resource: string;
  requested: number;
  used: number;
  limit: number;
}

/**
 * How compute refuses what concerns the catalog, operations and instances (contract compute §6 to §8); the first
 * three are Nova's words.
 */
export const cloudWords = {
  'instance.state': {
    code: 'invalid_state',
    text: ({ id, word, state }: ActionInState) => `Cannot '${word}' instance ${id} while it is in vm_state ${state}`,
  },
  'instance.busy': {
    code: 'busy',
    text: ({ id, word, state }: ActionInState) => `Cannot '${word}' instance ${id} while it is in task_state ${state}`,
  },
  'instance.not_launched': {
    code: 'invalid_state',
    text: ({ id, word }: Action) => `Instance ${id} is in an invalid state for '${word}'`,
  },
  'instance.locked': { code: 'locked', text: ({ id }: { id: string }) => `Instance ${id} is locked` },
  'instance.protected': { code: 'delete_protected', text: 'Instance is protected from deletion.' },
  'action.unsupported': {
    code: 'unsupported',
    text: ({ action }: { action: string }) => `${action} is not supported in this region.`,
  },
  'client.suspended': { code: 'client_suspended', text: 'Client is suspended.' },
  'driver.timeout': { code: 'driver_timeout', text: 'The hypervisor does not answer.' },
  'driver.unavailable': { code: 'driver_unavailable', text: 'The hypervisor does not answer.' },

  'region.has_instances': {
    code: 'invalid_state',
    text: ({ driver }: { driver: string }) => `The region has instances: its driver stays ${driver}.`,
  },
  'region.no_catalog': {
    code: 'unsupported',
    text: ({ driver }: { driver: string }) => `A region with the driver ${driver} has no catalog of its own.`,
  },
  'region.secrets_anew': {
    code: 'validation',
    text: ({ setting }: { setting: string }) => `Give the secrets again: ${setting} says whom they are shown to.`,
  },
  'secrets.no_key': { code: 'invalid_state', text: 'No key for secrets is set: NEFOS_SECRET_KEYS.' },
  'secrets.not_opened': {
    code: 'invalid_state',
    text: ({ reason }: { reason: string }) => `The stored secrets do not open: ${reason}. Give them again.`,
  },

  'operation.not_cancellable': { code: 'invalid_state', text: 'Operation can not be canceled any more.' },
  'operation.not_failed': { code: 'invalid_state', text: 'Only a failed operation can be retried.' },
  'operation.built': { code: 'invalid_state', text: 'The instance was built in the meantime.' },

  'create.client_deleting': { code: 'validation', text: 'Client is being deleted.' },
  'create.client_suspended': { code: 'validation', text: 'Client is suspended.' },
  'create.no_service': { code: 'validation', text: 'Client has no active OpenStack service.' },
  'create.region_disabled': { code: 'validation', text: 'Region is not enabled.' },
  'create.boot_source': { code: 'validation', text: 'This boot source is not supported in this region.' },
  'create.volumes': { code: 'validation', text: 'Volumes are not supported in this region.' },
  'create.image_foreign': { code: 'validation', text: 'The image belongs to another project.' },
  'create.image_inactive': { code: 'validation', text: ({ id }: { id: string }) => `Image ${id} is not active.` },
  'create.memory_small': { code: 'validation', text: "Flavor's memory is too small for requested image." },
  'create.disk_small': { code: 'validation', text: "Flavor's disk is too small for requested image." },
  'create.out_of_stock': { code: 'out_of_stock', text: 'This flavor is out of stock.' },
  'create.credit': {
    code: 'insufficient_credit',
    text: ({ available, required, currency }: Credit) =>
      `Insufficient credit: ${available} ${currency} available, ${required} ${currency} required.`,
  },
  'create.quota': {
    code: 'quota_exceeded',
    text: ({ resource, requested, used, limit }: Usage) =>
      `Quota exceeded for ${resource}: Requested ${requested}, but already used ${used} of ${limit} ${resource}`,
  },
} satisfies Words;
