import type { Principal } from '@nefos/contracts';
import type { RequestHandler } from 'express';
import { AuthenticationError } from './authentication-error.js';
import { createAuthenticator, type AuthenticatorOptions } from './authenticator.js';

declare module 'express-serve-static-core' {
  interface Request {
    /** Who calls; set by `requireToken`. */
    principal?: Principal;
  }
}

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);
/**
 * Lets requests with a good token through and sets `req.principal`. Answers others itself: 401; 403 to a token that
 * may only read, when the method could change something; 503 with Retry-After when identity can not be asked.
 */
export const requireToken = (options: AuthenticatorOptions): RequestHandler => {
  const authenticate = createAuthenticator(options);
  return (req, res, next) => {
    authenticate(req).then(
      (principal) => {
        if (principal?.readOnly && !SAFE.has(req.method)) {
          res.status(403).json({ error: { code: 403, message: 'The token may only read.' } });
          return;
        }
        if (principal) {
          req.principal = principal;
          next();
          return;
        }
        res
          .status(401)
          .set('WWW-Authenticate', 'Bearer')
          .json({ error: { code: 401, message: 'A token is required.' } });
      },
      (err: unknown) => {
        if (!(err instanceof AuthenticationError)) {
          next(err);
          return;
        }
        if (err.reason === 'unavailable') {
          res
            .status(503)
            .set('Retry-After', String(err.retryAfter ?? 1))
            .json({ error: { code: 503, message: 'Tokens can not be checked now.' } });
          return;
        }
        res
          .status(401)
          .set('WWW-Authenticate', 'Bearer error="invalid_token"')
          .json({ error: { code: 401, message: 'The token is not valid.' } });
      },
    );
  };
};
