import { contractIn } from '../../endpoint.js';
import { anyQuery, idParams } from '../fields.js';
import { AT, document, user, withPart } from './server-fields.js';

const contract = contractIn('facade-compute');

export const clearServerPassword = contract({
  ...user,
  method: 'delete',
  path: `${AT}/os-server-password`,
  status: 204,
  summary: 'Forget the encrypted password of a guest',
  params: idParams,
});
export const showServerMigration = contract({
  ...user,
  method: 'get',
  path: `${AT}/migrations/:migration`,
  status: 200,
  summary: 'A live migration of a server that is going on',
  description: 'Administrators only, from microversion 2.23 on.',
  params: withPart('migration'),
  response: document,
});
export const abortServerMigration = contract({
  ...user,
  method: 'delete',
  path: `${AT}/migrations/:migration`,
  status: 202,
  summary: 'Break a live migration off',
  description: 'Administrators only, from microversion 2.24 on.',
  params: withPart('migration'),
});

export const listInstanceActions = contract({
  ...user,
  method: 'get',
  path: `${AT}/os-instance-actions`,
  status: 200,
  summary: 'What was done to a server, newest first',
  params: idParams,
  query: anyQuery,
  response: document,
});
export const showInstanceAction = contract({
  ...user,
  method: 'get',
  path: `${AT}/os-instance-actions/:request`,
  status: 200,
  summary: 'One thing that was done to a server',
  params: withPart('request'),
  response: document,
});
export const listServerMigrations = contract({
  ...user,
  method: 'get',
  path: `${AT}/migrations`,
  status: 200,
  summary: 'Live migrations of a server that are going on',
  params: idParams,
  response: document,
});
export const showDiagnostics = contract({
  ...user,
  method: 'get',
  path: `${AT}/diagnostics`,
  status: 200,
  summary: 'What is known of a server from inside',
  refusals: [409],
  params: idParams,
  response: document,
});
export const showServerPassword = contract({
  ...user,
  method: 'get',
  path: `${AT}/os-server-password`,
  status: 200,
  summary: 'The encrypted password of a guest: none is kept',
  params: idParams,
  response: document,
});
