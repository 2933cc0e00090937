import type { Words } from './wording.js';

/** How compute refuses what concerns volumes, their snapshots and backups (contract compute §8.1, §8.2). */
export const volumeWords = {
  // Cinder's words.
  'volume.status': {
    code: 'invalid_state',
    text: ({ what, id, wanted, status }: { what: string; id: string; wanted: string; status: string }) =>
      `Invalid ${what}: ${what} '${id}' status must be '${wanted}'. Currently in '${status}'`,
  },
  'volume.protected': { code: 'delete_protected', text: 'Volume is protected from deletion.' },
  'volume.has_snapshots': { code: 'invalid_state', text: 'The volume has snapshots: delete those first.' },
  'volume.in_use_as_source': { code: 'busy', text: 'Something is being made of it now.' },
  'volume.has_children': { code: 'invalid_state', text: 'Other backups build on it: delete those first.' },
  'volume.no_full_backup': {
    code: 'validation',
    text: 'An incremental backup builds on an earlier one, and the volume has none.',
  },
  'volume.attached_here': { code: 'invalid_state', text: 'The volume is attached: it can not be extended now.' },
  'volume.too_many': {
    code: 'quota_exceeded',
    text: ({ max }: { max: number }) => `An instance has at most ${max} volumes.`,
  },
  'volume.too_many_labels': {
    code: 'quota_exceeded',
    text: ({ max }: { max: number }) => `Maximum number of metadata items exceeds ${max}.`,
  },
  'volume.reset': {
    code: 'validation',
    text: ({ resting }: { resting: string }) => `The status can be set to 'error' or '${resting}'.`,
  },
  'volume.region': { code: 'validation', text: 'Volumes are not enabled in this region.' },
  'volume.source_unsupported': { code: 'validation', text: 'This source is not supported in this region.' },
  'volume.one_source': { code: 'validation', text: 'Name one source at most.' },
  'volume.small': {
    code: 'validation',
    text: ({ least }: { least: number }) => `Ensure this value is greater than or equal to ${least}.`,
  },
  'volume.size_needed': { code: 'validation', text: 'This field is required.' },
  'volume.larger': {
    code: 'validation',
    text: ({ size }: { size: number }) => `The volume has ${size} GB already: it only grows.`,
  },
  'volume.snapshot_size': {
    code: 'invalid_state',
    text: 'The volume was extended since the snapshot: make a volume of the snapshot.',
  },
  'volume.foreign_snapshot': { code: 'validation', text: 'This is a snapshot of another volume.' },
  'volume.root': { code: 'validation', text: 'Root volume can not be detached.' },
  'volume.not_attached': { code: 'validation', text: 'The volume is not attached to this instance.' },
  'volume.not_bootable': { code: 'validation', text: 'The volume is not bootable.' },
  'volume.not_available': {
    code: 'validation',
    text: ({ status }: { status: string }) => `The volume must be available. Currently in ${status}`,
  },
  'volume.snapshot_not_available': {
    code: 'validation',
    text: ({ status }: { status: string }) => `The snapshot must be available. Currently in ${status}`,
  },
  'volume.device': { code: 'validation', text: 'Enter a name such as /dev/vdb.' },
  'volume.device_taken': { code: 'validation', text: 'Another volume of the instance has this name.' },
  'volume.new_only': { code: 'validation', text: 'This field is for a new volume: see create_new_volume.' },
  'volume.sizes_differ': { code: 'validation', text: 'Two sizes are given for the volume.' },
  'volume.backed': { code: 'unsupported', text: 'The root disk of the instance is a volume.' },
  'move.volumes': { code: 'validation', text: 'The instance has volumes: detach them first.' },
} satisfies Words;
