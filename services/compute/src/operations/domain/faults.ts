import { conflict, forbidden, type Fault } from '@nefos/service-kit';
import { TRANSITIONS, type JobAction, type Refusal } from '../instance-states.js';

/** Refusals around instances, in Nova's words (contract compute §6.7). */
export const refusedBy = (id: string, action: JobAction, { code, attribute, state }: Refusal): Fault =>
  code === 'not_launched'
    ? conflict('invalid_state', { detail: `Instance ${id} is in an invalid state for '${TRANSITIONS[action].word}'` })
    : conflict(code, {
        detail: `Cannot '${TRANSITIONS[action].word}' instance ${id} while it is in ${attribute ?? 'vm_state'} ${state ?? 'unknown'}`,
      });
export const locked = (id: string): Fault => conflict('locked', { detail: `Instance ${id} is locked` });
export const deleteProtected = (): Fault =>
  conflict('delete_protected', { detail: 'Instance is protected from deletion.' });
export const unsupported = (action: string): Fault =>
  conflict('unsupported', { detail: `${action} is not supported in this region.` });
export const clientSuspended = (): Fault => forbidden('client_suspended', { detail: 'Client is suspended.' });
