import { addFigure } from '@nefos/service-kit';
import type { IdentityCtx } from './ctx.js';
import { countTokens } from './access/store/tokens.js';
import { countUsers } from './accounts/store/users.js';

/** Registers the gauges of /metrics that are counted in the database. */
export const addFigures = ({ metrics, db, log }: IdentityCtx): void => {
  addFigure(metrics, {
    name: 'nefos_identity_tokens',
    help: 'Tokens that are neither revoked nor expired, by kind',
    label: 'kind',
    values: ['api', 'session', 'v3', 'appcred', 'component'],
    count: () => countTokens(db),
    log,
  });
  addFigure(metrics, {
    name: 'nefos_identity_users',
    help: 'Users, by whether they may sign in',
    label: 'state',
    values: ['active', 'inactive'],
    count: () => countUsers(db),
    log,
  });
};
