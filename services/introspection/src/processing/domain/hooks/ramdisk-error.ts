import { shown } from '../../../values.js';
import { Unusable, type Hook } from '../hook.js';

/** A failure that the ramdisk itself reports ends the run (contract §7). */
export const ramdiskError: Hook = {
  name: 'ramdisk_error',
  before: ({ error }) => {
    if (error !== undefined && error !== null && error !== '' && error !== false)
      throw new Unusable(`Ramdisk reported error: ${typeof error === 'string' ? error.slice(0, 4000) : shown(error)}`);
  },
};
