import { isoZ6 } from '@nefos/service-kit';
import type { MintedToken, UserToken } from '../../access/domain/tokens.js';

const instantOrNull = (text: string | null): string | null => (text === null ? null : isoZ6(text));

/** A token for the component that issues it; the text of the token is shown here only. */
export const issuedTokenView = (token: MintedToken, readOnly: boolean) => ({
  token: token.token,
  audit_id: token.auditId,
  created: isoZ6(token.createdAt),
  expires_at: instantOrNull(token.expiresAt),
  read_only: readOnly,
});
/** A new session. The component does not get its token. */
export const openedSessionView = ({ auditId, expiresAt }: MintedToken) => ({
  audit_id: auditId,
  expires_at: isoZ6(expiresAt as string), // sessions always expire
});
export const sessionView = ({ user, expiresAt }: UserToken) => ({
  uuid: user.uuid,
  username: user.username,
  expires_at: isoZ6(expiresAt as string),
});
