import { Fault } from '@nefos/service-kit';

/**
 * Whether identity did the work; false when it refuses because the user is an administrator there. Asked again it
 * refuses again.
 */
export const succeededUnlessProtected = async (work: Promise<unknown>): Promise<boolean> => {
  try {
    await work;
    return true;
  } catch (err) {
    if (err instanceof Fault && err.kind === 'forbidden') return false;
    throw err;
  }
};
