import { isObject, shown, type Json } from '../../../values.js';
import { Unusable, type Hook } from '../hook.js';

/** What says nothing, as Python sees it. */
const isNothing = (value: Json | undefined): boolean =>
  !value || (isObject(value) || Array.isArray(value) ? Object.keys(value).length === 0 : false);

/** A failure that the ramdisk itself reports ends the run (contract §7). */
export const ramdiskError: Hook = {
  name: 'ramdisk_error',
  read: ({ error }) => {
    if (!isNothing(error))
      throw new Unusable(`Ramdisk reported error: ${typeof error === 'string' ? error : shown(error)}`);
  },
};
