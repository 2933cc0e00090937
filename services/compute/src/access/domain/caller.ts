import { wholeNumber } from '@nefos/contracts';
import { forbidden, Fault } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import type { Caller } from './callers.js';

/** The caller of an endpoint that asks for one. */
export const callerOf = (ctx: ComputeCtx): Caller => {
  if (!ctx.caller)
    throw new Fault('internal', 'internal', {}, { cause: new Error('no caller on an endpoint that needs one') });
  return ctx.caller;
};

/** Whether the caller may see the client at all. Staff see every client, end users their own. */
export const maySee = (caller: Caller, clientId: number): boolean =>
  caller.staff || caller.clientIds.includes(clientId);

/**
 * The client that an end user acts for: `X-Client-Id` or `?client=`, else the first (contract compute §13). A
 * stranger's looks absent.
 */
export const actingClient = (caller: Caller, wanted: string | undefined): number => {
  if (wanted === undefined || wanted === '') {
    const first = caller.clientIds[0];
    if (first === undefined) throw forbidden('permission_denied');
    return first;
  }
  const id = wholeNumber(wanted);
  if (id === undefined || !caller.clientIds.includes(id)) throw new Fault('not_found', 'client.not_found');
  return id;
};

/** The clients whose things the caller may see; null: all. An end user may narrow them to one. */
export const visibleClients = (caller: Caller, acting: string | undefined): readonly number[] | null => {
  if (caller.staff) return null;
  return acting === undefined || acting === ''
    ? caller.clientIds
    : caller.clientIds.filter((id) => id === wholeNumber(acting));
};
