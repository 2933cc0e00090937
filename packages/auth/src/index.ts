export { AuthenticationError, type AuthenticationDetail, type AuthenticationReason } from './authentication-error.js';
export {
  createAuthenticator,
  type Authenticator,
  type AuthenticatorOptions,
  type TrustedHeader,
} from './authenticator.js';
export type { CredentialKind } from './credentials.js';
export { requireToken } from './require-token.js';
export {
  createTokenVerifier,
  VerifierUnavailable,
  type TokenVerifier,
  type VerifierEvent,
  type VerifierOptions,
  type VerifierStats,
} from './verifier.js';
