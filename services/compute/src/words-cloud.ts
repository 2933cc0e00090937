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

  'region.has_instances': {
    code: 'invalid_state',
    text: ({ driver }: { driver: string }) => `The region has instances or volumes: its driver stays ${driver}.`,
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
    text: ({ max }: { max: number }) => `The instance has ${max} schedules of this kind already.`,
  },
  'schedule.run_at': { code: 'validation', text: 'Enter a time of the day, such as 03:00.' },
  'schedule.day': {
    code: 'validation',
    text: ({ type }: { type: string }) => `Only ${type} schedules have this field.`,
  },

  'image.state': {
    code: 'invalid_state',
    text: ({ wanted, status }: { wanted: string; status: string }) =>
      `Image status must be ${wanted}. Currently in ${status}`,
  },
  'image.protected': { code: 'delete_protected', text: 'Image is protected from deletion.' },
  'image.no_data': { code: 'invalid_state', text: 'The image has no data here.' },
  'image.private': { code: 'invalid_state', text: 'A private image is not shared: make it shared first.' },
  'image.public': { code: 'permission_denied', text: 'Only staff make an image public.' },
  'image.no_project': { code: 'validation', text: 'An image of no project is public or community.' },
  'image.snapshot_public': { code: 'validation', text: 'Snapshots and backups are private or shared.' },
  'image.min_disk': {
    code: 'validation',
    text: ({ least }: { least: number }) => `Ensure this value is greater than or equal to ${least}.`,
  },
  'image.importing': { code: 'busy', text: ({ max }: { max: number }) => `The project imports ${max} images already.` },
  'image.busy': {
    code: 'busy',
    text: ({ max }: { max: number }) => `A project uploads at most ${max} images at a time.`,
  },
  'image.stalled': { code: 'parse_error', text: 'The upload did not go on.' },
  'image.interrupted': { code: 'invalid_state', text: 'The upload was interrupted.' },
  'image.gone': { code: 'invalid_state', text: 'The image was deleted or changed meanwhile.' },
  'image.empty': { code: 'validation', text: 'There is no data.' },
  'image.too_large': {
    code: 'validation',
    text: ({ limit }: { limit: number }) => `The data has more than ${limit} bytes.`,
  },
  'image.format': {
    code: 'validation',
    text: ({ format, found }: { format: string; found: string }) =>
      `The data is not in the format ${format}${found && `: it is ${found}`}.`,
  },
  'image.unsafe': { code: 'validation', text: 'The image refers to other files, which are not part of it.' },
  'image.digest': { code: 'validation', text: 'The data has another SHA-256 than was announced.' },
  'image.expected_digest': { code: 'validation', text: 'A SHA-256 has 64 hexadecimal digits.' },
  'image.project_id': { code: 'validation', text: 'The id of a project has 32 hexadecimal digits.' },
  'image.no_space': { code: 'no_capacity', text: 'There is no room for the data.' },
  'image.quota': {
    code: 'quota_exceeded',
    text: ({ used, limit }: { used: number; limit: number }) =>
      `Quota exceeded for image bytes: already used ${used} of ${limit} bytes`,
  },
  'image.too_many': {
    code: 'quota_exceeded',
    text: ({ max }: { max: number }) => `Quota exceeded for images: a project has at most ${max}`,
  },
  'image.members': {
    code: 'quota_exceeded',
    text: ({ max }: { max: number }) => `Quota exceeded for members: an image has at most ${max}`,
  },
  'import.url': {
    code: 'validation',
    text: 'Enter an http or https address without a user name, on port 80, 443 or above 1023.',
  },
  'import.backend_id': { code: 'validation', text: 'What the hypervisor has already is not imported.' },
  'import.address': { code: 'validation', text: 'The address is not one of the Internet.' },
  'import.status': { code: 'validation', text: ({ status }: { status: number }) => `The server answered ${status}.` },
  'import.redirects': {
    code: 'validation',
    text: 'The server leads elsewhere too often, or to an unencrypted address.',
  },
  'import.unreachable': {
    code: 'driver_unavailable',
    text: ({ reason }: { reason: string }) => `The server can not be reached${reason && `: ${reason}`}.`,
  },
  'import.slow': { code: 'driver_timeout', text: 'The data did not come in time.' },

  'operation.not_cancellable': { code: 'invalid_state', text: 'Operation can not be canceled any more.' },
  'operation.not_failed': { code: 'invalid_state', text: 'Only a failed operation can be retried.' },
  'operation.once': { code: 'invalid_state', text: 'This operation can not be retried: ask for the action anew.' },
  'operation.built': { code: 'invalid_state', text: 'The instance was built in the meantime.' },

  'resize.same': { code: 'validation', text: 'When resizing, instances must change flavor!' },
  'resize.smaller_disk': { code: 'validation', text: 'Resize to a smaller root disk is not supported.' },
  'image.iso': { code: 'validation', text: 'An ISO image can not be the root disk of an instance.' },
  'image.not_iso': { code: 'validation', text: 'The image is no ISO image.' },
  'guest.unsupported': { code: 'validation', text: 'This field is not supported in this region.' },
  'guest.encoding': { code: 'validation', text: 'This field must be base64.' },
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
  'create.boot_volume': { code: 'validation', text: 'Instances can not be started from a volume in this region.' },
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

  'project.disabled': { code: 'permission_denied', text: 'Project is disabled.' },
  'project.exists': { code: 'validation', text: 'The service has a project already.' },
  'project.service': { code: 'validation', text: 'The service is no OpenStack service, or it has ended.' },
  'quota.below_usage': {
    code: 'validation',
    text: ({ resource, limit, used }: Omit<Usage, 'requested'>) =>
      `Quota limit ${limit} for ${resource} must be greater than or equal to already used and reserved ${used}.`,
  },
  'reseller.exists': { code: 'validation', text: 'The client is a reseller already.' },
  'reseller.flavor': { code: 'validation', text: 'The flavor belongs to a reseller already.' },
  'reseller.has_flavors': { code: 'invalid_state', text: 'Flavors belong to the reseller.' },
  'import.no_flavor': {
    code: 'validation',
    text: ({ vcpus, memoryMb }: { vcpus: number; memoryMb: number }) =>
      `The region has no flavor of ${vcpus} vCPU and ${memoryMb} MB. Name the one that the machine is to have.`,
  },
  'import.taken': { code: 'invalid_state', text: 'The machine is an instance of another client already.' },
} satisfies Words;
