import { conflict } from '../../access/domain/errors.js';
import type { IdentityRequest } from '../../ctx.js';
import { listStates, raiseSequence, readState, type UserState } from '../store/user-states.js';
import { changingAccount } from './account-change.js';
import { acceptAndActivate, deactivate, isAccepted } from './activation.js';
import { demandReachable } from './ranks.js';

export type { UserState };

/** Whether a user may sign in is decided here. The portal asks for a change and reads the states back. */

/**
 * Activates or deactivates a user for a component. `sequence` rises with each change that the component asks for: one
 * that arrives after a later one is not applied.
 * @throws forbidden user.protected; conflict user.transition; not_found user.absent
 */
export const setState = (
  ctx: IdentityRequest,
  uuid: string,
  { active, sequence }: { active: boolean; sequence: number },
): Promise<UserState> =>
  changingAccount(ctx, uuid, async (account, tx, invalidate) => {
    if (account.isActive !== active) demandReachable(ctx, account);
    if (await raiseSequence(tx, account.id, sequence)) {
      if (active && !account.isActive) {
        if (account.isRejected) throw conflict('user.transition');
        await acceptAndActivate(ctx, tx, invalidate, account, account.acceptedPolicy ?? 'component');
      } else if (!active && account.isActive && isAccepted(account))
        await deactivate(ctx, tx, invalidate, account, { reason: 'suspended in the portal', suspended: true });
    }
    return readState(tx, uuid);
  });
/** A page of users in the order in which they were activated or deactivated, after an instant and the uuid there. */
export const statesAfter = (
  ctx: IdentityRequest,
  { after, afterUuid, limit }: { after?: string | undefined; afterUuid?: string | undefined; limit: number },
): Promise<UserState[]> => listStates(ctx.db, { after: after ?? null, afterUuid: afterUuid ?? null, limit });
