import { Fault, type FaultKind } from '@nefos/service-kit';

/**
 * A refusal in the words of an API of OpenStack.
 * @param type of a fault of the network API, e.g. `NetworkNotFound`
 */
export const faceFault = (kind: FaultKind, message: string, type?: string): Fault =>
  new Fault(kind, 'facade.refused', { message, ...(type !== undefined && { type }) });

/**
 * Does `work`; where the domain says that a thing is not there (or another's, which looks the same), the refusal has
 * OpenStack's sentence. What has one already keeps it.
 * @example await named(() => getInstance(ctx, id), `Instance ${id} could not be found.`)
 */
export const named = async <T>(work: () => Promise<T>, message: string, type?: string): Promise<T> => {
  try {
    return await work();
  } catch (err) {
    if (err instanceof Fault && err.kind === 'not_found' && err.code !== 'facade.refused')
      throw faceFault('not_found', message, type);
    throw err;
  }
};
