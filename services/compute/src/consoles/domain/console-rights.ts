import { VerifierUnavailable } from '@nefos/auth';
import { maySee } from '../../access/domain/caller.js';
import type { ComputeCtx } from '../../ctx.js';
import { listMachineStates, type MachineState } from '../store/machine-states.js';
import { hasConsole, type Grant, type NotAllowed } from './console-states.js';

type RightsCtx = Pick<ComputeCtx, 'db' | 'clock' | 'callers' | 'sessions'>;
/** Whether the token or session that asked for the console still lives; while identity is away it counts as such. */
const credentialLives = async (ctx: RightsCtx, { auditId, bySession, ...grant }: Grant): Promise<boolean> => {
  if (grant.credentialExpiresAt !== null && new Date(grant.credentialExpiresAt) <= ctx.clock.now()) return false;
  if (!bySession || auditId === null) return true;
  try {
    return (await ctx.sessions.verify(auditId))?.uuid === grant.uuid;
  } catch (err) {
    if (err instanceof VerifierUnavailable) return true;
    throw err;
  }
};
/**
 * Judges a console as a new request for it would be: the credential, the user, and what the user may see; a suspended
 * client's end users see no console.
 * @returns the instance, or why not
 */
export const judge = async (ctx: RightsCtx, grant: Grant): Promise<MachineState | NotAllowed> => {
  const { auditId, bySession } = grant;
  const caller = await ctx.callers.find(ctx.db, grant.uuid, bySession ? undefined : (auditId ?? undefined));
  if (!caller || caller === 'revoked' || !caller.active || !(await credentialLives(ctx, grant))) return 'credentials';
  const [machine] = await listMachineStates(ctx.db, [grant.instanceId]);
  if (!machine) return 'gone';
  if (!maySee(caller, machine.clientId) || (machine.clientHeld && !caller.staff)) return 'credentials';
  return hasConsole(machine) ? machine : 'stopped';
};
