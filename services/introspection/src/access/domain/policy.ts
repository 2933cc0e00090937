import type { Contract, Principal } from '@nefos/contracts';
import { forbidden } from '@nefos/service-kit';

/** Who may do everything here (contract introspection §1.4). A user's groups are roles. */
const OPERATORS = ['admin', 'service', 'administrator', 'baremetal_admin'];
/** Who may see the status of runs and the machines of the registry beside them. */
const OBSERVERS = [...OPERATORS, 'baremetal_observer'];

/**
 * Whether the caller has a role that the operation asks for. Access `user` is for observers, `admin` for operators.
 * @throws Fault forbidden policy
 */
export const demandRole = ({ access }: Contract, { roles }: Principal): void => {
  const wanted = access === 'user' ? OBSERVERS : OPERATORS;
  if (!roles.some((role) => wanted.includes(role))) throw forbidden('policy', { roles: wanted });
};
