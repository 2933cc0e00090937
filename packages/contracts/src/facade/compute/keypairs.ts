import { z } from 'zod';
import { contractIn } from '../../endpoint.js';
import { anyQuery } from '../fields.js';
import { patterned } from './parameter-types.js';

const contract = contractIn('facade-compute');
const user = { access: 'user', source: 'contract compute §12.3' } as const;
const document = z.looseObject({});
const KEYPAIRS = '/compute/v2.1/os-keypairs';
const params = z.object({ name: z.string().max(255) });

export const listKeypairs = contract({
  ...user,
  method: 'get',
  path: KEYPAIRS,
  status: 200,
  summary: 'Key pairs of the caller',
  query: anyQuery,
  response: document,
});
export const createKeypair = contract({
  ...user,
  method: 'post',
  path: KEYPAIRS,
  status: 201,
  answers: [200],
  summary: 'Keep a public key, or make a pair',
  description: 'The private key of a pair that is made here is in this answer, and kept nowhere.',
  body: z.strictObject({
    keypair: z.strictObject({
      name: patterned(1, 255, /^(?! )[_\- a-zA-Z0-9]+(?<! )$/, '^[_\\- a-zA-Z0-9]+$'),
      public_key: z.string().min(1).max(16_384).optional(),
      type: z.enum(['ssh', 'x509']).optional(),
      user_id: z.string().max(255).optional(),
    }),
  }),
  response: document,
});
export const showKeypair = contract({
  ...user,
  method: 'get',
  path: `${KEYPAIRS}/:name`,
  status: 200,
  summary: 'One key pair',
  params,
  query: anyQuery,
  response: document,
});
export const deleteKeypair = contract({
  ...user,
  method: 'delete',
  path: `${KEYPAIRS}/:name`,
  status: 204,
  answers: [202],
  summary: 'Delete a key pair',
  params,
  query: anyQuery,
});
