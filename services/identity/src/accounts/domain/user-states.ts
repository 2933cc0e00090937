import { isoZ6 } from '@nefos/service-kit';
import type { IdentityRequest } from '../../ctx.js';
import { listStates, noteSequence, type StateRow } from '../store/user-states.js';
import { acceptAndActivate, changingAccount, deactivate, mayChange } from './accounts.js';
import { conflict } from '../../access/domain/errors.js';
import { demandReachable } from './ranks.js';

/** Whether somebody may sign in is decided here; the portal says what its staff want and reads what came of it. */
export interface UserState {
  uuid: string;
  is_active: boolean;
  changed_at: string;
}
const view = (row: StateRow): UserState => ({
  uuid: row.uuid,
  is_active: row.isActive,
  changed_at: isoZ6(row.changedAt),
});

/**
 * What a component wants of a user. `sequence` rises with each wish: an older one that comes late changes nothing.
 * @throws forbidden user.protected; conflict user.transition; not_found user.absent
 */
export const setState = (
  ctx: IdentityRequest,
  uuid: string,
  { active, sequence }: { active: boolean; sequence: number },
): Promise<UserState> =>
  changingAccount(ctx, uuid, async (a, tx, stale) => {
    if (a.isActive !== active) demandReachable(ctx, a);
    if (await noteSequence(tx, a.id, sequence)) {
      if (active && !a.isActive) {
        if (a.isRejected) throw conflict('user.transition');
        await acceptAndActivate(ctx, tx, stale, a, a.acceptedPolicy ?? 'component');
      } else if (!active && a.isActive && mayChange(a))
        await deactivate(ctx, tx, stale, a, { reason: 'suspended in the portal', suspended: true });
    }
    const [row] = await listStates(tx, { uuid });
    return view(row as StateRow);
  });
/** A page of users in the order in which they were activated or deactivated. */
export const statesAfter = async (
  ctx: IdentityRequest,
  { after, after_uuid: uuid, limit }: { after?: string | undefined; after_uuid?: string | undefined; limit: number },
): Promise<UserState[]> =>
  (await listStates(ctx.db, { after: { at: after ?? null, uuid: uuid ?? null }, limit })).map(view);
