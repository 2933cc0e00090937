import type { Contract, Method, Principal } from '@nefos/contracts';
import { forbidden } from './fault.js';

/**
 * Whether a component may call this endpoint; its rights are roles of its token. Everybody else is judged by `access`
 * alone.
 * @throws Fault forbidden component.not_trusted; component_only for somebody who is no component at an endpoint for
 * components
 */
export const demandComponent = ({ access, components }: Contract, principal: Principal | null | undefined): void => {
  if (principal?.kind !== 'component') {
    if (access === 'service') throw forbidden('component_only');
    return;
  }
  if (access === 'public' || components === 'any') return;
  if (components === undefined || !principal.roles.includes(components)) throw forbidden('component.not_trusted');
};
const SAFE: ReadonlySet<Method> = new Set(['get', 'head', 'options']);
/**
 * A token that may only read changes nothing, save where the contract lets it.
 * @throws Fault forbidden token.read_only
 */
export const demandWriting = (
  { method, writes, evenReadOnly }: Contract,
  principal: Principal | null | undefined,
): void => {
  if (principal?.readOnly && !evenReadOnly && (writes || !SAFE.has(method))) throw forbidden('token.read_only');
};
/** An endpoint for components says which of them it means. */
export const demandDeclared = ({ access, components, method, path }: Contract): void => {
  if (access === 'service' && components === undefined)
    throw new Error(`${method} ${path} does not say which components may call it`);
};
