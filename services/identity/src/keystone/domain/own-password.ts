import { changePassword } from '../../sign-in/domain/sign-in.js';
import type { IdentityRequest } from '../../ctx.js';
import { demandSelf } from './policy.js';

/** A user changes the own password (contract identity §12.4). @throws forbidden, also password.wrong */
export const changeOwnPassword = async (
  ctx: IdentityRequest,
  uuid: string,
  { current, replacement }: { current: string; replacement: string },
): Promise<void> => {
  demandSelf(ctx, uuid);
  await changePassword(ctx, uuid, current, replacement);
};
