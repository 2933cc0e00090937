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
  'instance.idle': {
    code: 'invalid_state',
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

  'operation.not_cancellable': { code: 'invalid_state', text: 'Operation can not be canceled any more.' },
  'operation.not_failed': { code: 'invalid_state', text: 'Only a failed operation can be retried.' },
  'operation.once': { code: 'invalid_state', text: 'This operation can not be retried: ask for the action anew.' },
  'operation.built': { code: 'invalid_state', text: 'The instance was built in the meantime.' },

  'resize.same': { code: 'validation', text: 'When resizing, instances must change flavor!' },
  'resize.smaller_disk': { code: 'validation', text: 'Resize to a smaller root disk is not supported.' },
  'image.iso': { code: 'validation', text: 'An ISO image can not be the root disk of an instance.' },
  'image.not_iso': { code: 'validation', text: 'The image is no ISO image.' },
  'guest.unsupported': { code: 'validation', text: 'This field is not supported in this region.' },
  'guest.base64': { code: 'validation', text: 'This field must be base64.' },
  'guest.control': { code: 'validation', text: 'This field may not contain control characters.' },
  'guest.user_data_long': { code: 'validation', text: 'Ensure this field has no more than 65536 bytes.' },
  'region.no_snapshots': { code: 'unsupported', text: 'Snapshots are not enabled in this region.' },
  'move.same': { code: 'validation', text: "The instance is this client's already." },
  'move.network': { code: 'validation', text: 'The instance is on a network of its present client.' },

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
