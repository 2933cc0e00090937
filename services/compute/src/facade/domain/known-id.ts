import { Fault } from '@nefos/service-kit';
import { UUID } from '../../lists/uuid.js';

/**
 * An id that a request names outside of its path. What is no id names nothing.
 * @throws Fault `kind`/facade.refused with `message`
 */
export const demandUuid = (id: string, message: string, kind: 'invalid' | 'not_found' = 'invalid'): void => {
  if (!UUID.test(id)) throw new Fault(kind, 'facade.refused', { message });
};
