import type { ComputeCtx } from '../../ctx.js';
import { localTime } from '../../local-time.js';
import type { Token } from '../domain/tokens.js';
import type { User } from '../domain/users.js';

/** Contract compute §5. */
export const userView = (ctx: ComputeCtx) => (u: User) => ({
  id: u.id,
  username: u.username,
  email: u.email,
  first_name: u.firstName,
  last_name: u.lastName,
  is_active: u.isActive,
  is_staff: u.isStaff,
  external_billing_id: u.externalBillingId,
  date_joined: localTime(u.createdAt, ctx.config.NEFOS_COMPUTE_TIME_ZONE),
  clients: u.clientIds,
});
const times = (ctx: ComputeCtx, t: Token) => ({
  created: localTime(t.createdAt, ctx.config.NEFOS_COMPUTE_TIME_ZONE),
  expires_at: t.expiresAt && localTime(t.expiresAt, ctx.config.NEFOS_COMPUTE_TIME_ZONE),
});
export const tokenView = (ctx: ComputeCtx) => (t: Token) => ({
  id: t.id,
  name: t.name,
  read_only: t.readOnly,
  ...times(ctx, t),
});
/** With the key, which is shown once. */
export const newTokenView = (ctx: ComputeCtx, t: Token & { key: string }) => ({
  id: t.id,
  name: t.name,
  key: t.key,
  ...times(ctx, t),
});
