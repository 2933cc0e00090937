import { z } from 'zod';
import { contractIn } from '../../endpoint.js';
import { idParams } from '../fields.js';

const contract = contractIn('facade-compute');
const source = 'contract compute §12.3';
const at = (part: string): `/${string}` => `/compute/v2.1/servers/:id/${part}`;
const addresses = z.array(z.object({ version: z.union([z.literal(4), z.literal(6)]), addr: z.string() }));
const read = { method: 'get', access: 'user', status: 200, source, params: idParams } as const;

export const listServerGroupsOf = contract({
  ...read,
  path: at('os-security-groups'),
  summary: 'The security groups of a server',
  response: z.object({
    security_groups: z.array(
      z.looseObject({
        id: z.string(),
        name: z.string(),
        description: z.string(),
        tenant_id: z.string(),
        rules: z.array(z.looseObject({ id: z.string() })),
      }),
    ),
  }),
});
export const listServerAddresses = contract({
  ...read,
  path: at('ips'),
  summary: 'The addresses of a server, by network',
  response: z.object({ addresses: z.record(z.string(), addresses) }),
});
export const showServerAddresses = contract({
  ...read,
  path: at('ips/:network'),
  params: idParams.extend({ network: z.string().max(255) }),
  summary: 'The addresses of a server on one network',
  response: z.record(z.string(), addresses),
});
export const showServerDiagnostics = contract({
  ...read,
  path: at('diagnostics'),
  summary: 'What the hypervisor says of a server',
  description: 'Administrators only. Below microversion 2.48 it is an empty document: the driver has no such names.',
  refusals: [409],
  response: z.looseObject({}),
});
export const showServerPassword = contract({
  ...read,
  path: at('os-server-password'),
  summary: 'The password that a guest has told: none',
  response: z.object({ password: z.string() }),
});
export const clearServerPassword = contract({
  method: 'delete',
  path: at('os-server-password'),
  access: 'user',
  status: 204,
  summary: 'Forget the password that a guest has told',
  source,
  params: idParams,
});
/** One that runs: its number is made of the id of its operation. */
const migration = z.looseObject({ id: z.int(), status: z.string(), server_uuid: z.string() });
const migrationParams = idParams.extend({ migration: z.string().max(255) });
export const listServerMigrations = contract({
  ...read,
  path: at('migrations'),
  summary: 'The live migrations of a server that are going on',
  description: 'Administrators only, from microversion 2.23 on.',
  response: z.object({ migrations: z.array(migration) }),
});
export const showServerMigration = contract({
  ...read,
  path: at('migrations/:migration'),
  params: migrationParams,
  summary: 'A live migration of a server that is going on',
  response: z.object({ migration }),
});
export const abortServerMigration = contract({
  method: 'delete',
  path: at('migrations/:migration'),
  access: 'user',
  status: 202,
  summary: 'Break a live migration off',
  description: 'Administrators only, from microversion 2.24 on.',
  source,
  params: migrationParams,
});
