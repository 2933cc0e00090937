import { Fault } from '@nefos/service-kit';

/** Whether identity did it; false when it protects the user, an administrator there. That is its last word: asked again it says the same. */
export const unlessProtected = async (work: Promise<unknown>): Promise<boolean> => {
  try {
    await work;
    return true;
  } catch (err) {
    if (err instanceof Fault && err.kind === 'forbidden') return false;
    throw err;
  }
};
