export { AuthenticationError, type AuthenticationDetail, type AuthenticationReason } from './authentication-error.js';
export {
  createAuthenticator,
  type Authenticator,
  type AuthenticatorOptions,
  type TrustedHeader,
} from './authenticator.js';
export type { CredentialKind } from './credentials.js';
export { createIdentityVerifier, type IdentityVerifier, type IdentityVerifierOptions } from './identity-verifier.js';
export { requireToken } from './require-token.js';
export { createTokenVerifier, type TokenVerifier } from './verifier.js';
export {
  VerifierUnavailable,
  type VerifierEvent,
  type VerifierOptions,
  type VerifierStats,
} from './verifier-options.js';
