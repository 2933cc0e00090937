import type { Words } from './refusal.js';

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

  'events.too_many_streams': {
    code: 'no_capacity',
    text: 'Too many streams of events are open; try again in a moment.',
  },

  'webhook.url': { code: 'validation', text: 'Enter a valid URL that begins with https:// or http://.' },
  'webhook.url_credentials': { code: 'validation', text: 'The URL may not hold a user or a password.' },
  'webhook.url_inside': { code: 'validation', text: 'The address is not one of the public internet.' },
  'webhook.event_type': { code: 'validation', text: ({ type }: { type: string }) => `"${type}" is no type of events.` },
  'webhook.client': {
    code: 'validation',
    text: ({ id }: { id: number }) => `Invalid pk "${id}" - object does not exist.`,
  },
  'webhook.too_many': {
    code: 'quota_exceeded',
    text: ({ max }: { max: number }) => `There are ${max} webhooks already.`,
  },
  'webhook.disabled': { code: 'invalid_state', text: 'The webhook is disabled.' },

  'schedule.cron': {
    code: 'validation',
    text: 'Enter a cron expression of five fields: minute, hour, day of the month, month, day of the week.',
  },
  'schedule.timezone': { code: 'validation', text: 'This is no time zone, such as Europe/Bucharest.' },
  'schedule.never': { code: 'validation', text: 'This time never comes.' },
  'schedule.too_many': {
    code: 'quota_exceeded',
    text: ({ max }: { max: number }) => `The instance has ${max} power schedules already.`,
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
