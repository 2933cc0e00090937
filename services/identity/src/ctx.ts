import type { Ctx, Metrics, RequestCtx } from '@nefos/service-kit';
import type { Directory } from './catalog/domain/directory.js';
import type { Limits } from './access/domain/limits.js';
import type { Passwords } from './sign-in/domain/passwords.js';
import type { TokenLookup } from './access/domain/token-lookup.js';
import type { Settings } from './config.js';
import type { Mailer } from './ports/mail.js';

/** The counter of sign-ins, by outcome. */
export type SignIns = ReturnType<Metrics['counter']>;
/** What the service's code is given: the kit's context, settings, caches, limits and ports. */
export interface IdentityCtx extends Ctx {
  settings: Settings;
  tokens: TokenLookup;
  directory: Directory;
  passwords: Passwords;
  limits: Limits;
  mail: Mailer;
  signIns: SignIns;
  /** Who acts, in the audit record, when no request does. */
  actor: string;
  /** The client's address; null outside requests. */
  ip: string | null;
}
export type IdentityRequest = RequestCtx<IdentityCtx>;
/** The context for work that no request caused: at start, by the command line. */
export const asRequest = (ctx: IdentityCtx): IdentityRequest => ({
  ...ctx,
  requestId: '',
  principal: null,
  logged: { security: false },
});
