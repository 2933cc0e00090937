import { z } from 'zod';
import * as drf from '../drf/index.js';
import { contractIn } from '../endpoint.js';
import { listOf, listQuery } from './lists.js';
import { idParam, one } from './params.js';

const contract = contractIn('users');

/** SSH keys of a portal user, which new instances get (contract compute §8.1). */
const keyShape = {
  id: z.uuid(),
  name: z.string(),
  public_key: z.string(),
  /** MD5 of the key, in pairs of hexadecimal digits with colons. */
  fingerprint: z.string(),
  type: z.literal('ssh'),
  created_at: z.string(),
};
export const sshKey = z.strictObject(keyShape).meta({ id: 'SshKey' });
export const newSshKey = z.strictObject({ ...keyShape, private_key: z.string().optional() }).meta({ id: 'NewSshKey' });

const ofUser = listQuery.safeExtend({ user: one.describe('id of the user; the caller when absent') });
const keysOf = <const Root extends 'staffapi' | 'api', const Access extends 'staff' | 'enduser'>(
  root: Root,
  access: Access,
) => {
  const common = { access, source: 'contract compute §8.1' } as const;
  const at = `/${root}/openstack/sshkeys` as const;
  return {
    get: contract({
      ...common,
      method: 'get',
      path: `${at}/:id`,
      status: 200,
      summary: 'One SSH key',
      description: 'Answers one of the SSH keys of the caller.',
      params: idParam,
      response: sshKey,
    }),
    create: contract({
      ...common,
      method: 'post',
      path: at,
      status: 201,
      summary: 'Import or make an SSH key',
      description:
        'Keeps a public key in the format of OpenSSH under a name of its own. Without `public_key` a pair (ed25519) ' +
        'is made: the private key is in this answer and nowhere else.',
      body: drf.dict({
        name: drf.char({ max: 255 }),
        public_key: drf.char({ max: 16_384, required: false, nullable: true, default: null }),
      }),
      response: newSshKey,
    }),
    delete: contract({
      ...common,
      method: 'delete',
      path: `${at}/:id`,
      status: 204,
      summary: 'Delete an SSH key',
      description: 'Deletes one of the SSH keys of the caller; instances that were made with it keep it.',
      params: idParam,
    }),
  };
};
const LIST = { method: 'get', status: 200, source: 'contract compute §3, §8.1', response: listOf(sshKey) } as const;
export const staffSshKeys = {
  ...keysOf('staffapi', 'staff'),
  list: contract({
    ...LIST,
    access: 'staff',
    path: '/staffapi/openstack/sshkeys',
    summary: 'List SSH keys',
    description: 'Lists the SSH keys of the caller, or of the end user in `user`.',
    query: ofUser,
  }),
};
export const userSshKeys = {
  ...keysOf('api', 'enduser'),
  list: contract({
    ...LIST,
    access: 'enduser',
    path: '/api/openstack/sshkeys',
    summary: 'List SSH keys',
    description: 'Lists the SSH keys of the caller.',
    query: listQuery,
  }),
};
