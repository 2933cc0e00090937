import { invalid } from '@nefos/service-kit';
import type { Owner } from './owners.js';
import { invalidValue, unknownKey } from '../../refusals.js';

/**
 * The client that something new is for, and the project that it goes to.
 * @throws Fault invalid: there is none, it is held back, or it has no active OpenStack service
 */
export const demandOwner = (owner: Owner | undefined, clientId: number): Owner & { projectId: string } => {
  if (!owner) throw invalid([unknownKey(['client'], clientId)]);
  if (owner.hold)
    throw invalidValue(['client'], owner.hold === 'deleting' ? 'create.client_deleting' : 'create.client_suspended');
  const { projectId } = owner;
  if (!owner.serviceActive || !projectId) throw invalidValue(['client'], 'create.no_service');
  return { ...owner, projectId };
};
