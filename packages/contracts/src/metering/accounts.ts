import { z } from 'zod';
import * as drf from '../drf/index.js';
import { contractIn } from '../endpoint.js';
import {
  BODIES,
  booleanParameter,
  CLOUDS,
  cloudType,
  idParams,
  page,
  pageQuery,
  timestamp,
  userIdParameter,
} from './page.js';

const contract = contractIn('accounts');

/**
 * `arn:partition:service:region:account:type[:/rest]`. The account number is mandatory, the region optional (contract
 * metering §5). Partitions with a hyphen are accepted as well [beyond].
 */
export const ARN = /^arn:[\w-]+:\w+:(?:[a-z]{2}(?:-[a-z]+)+-\d+)?:(\d{1,12}):[^:/]+(?:[:/].*)?$/;
const arn = drf.char({ required: false, max: 256 }).superRefine((value, ctx) => {
  if (typeof value === 'string' && !ARN.test(value))
    ctx.addIssue({ code: 'custom', params: { rule: 'text', values: { text: 'Invalid ARN.' } } });
});
const name = drf.char({ max: 256 });
/** Clouds whose accounts a user may register; accounts of our own cloud come with its events. */
const choice = drf.choice(['aws'], {});

const awsContent = z.object({
  account_arn: z.string(),
  aws_account_id: z.string(),
  aws_cloud_account_id: z.int(),
  created_at: timestamp,
  updated_at: timestamp,
});
const nefosContent = z.object({
  nefos_cloud_account_id: z.int(),
  client_id: z.string(),
  created_at: timestamp,
  updated_at: timestamp,
});
export const account = z
  .object({
    account_id: z.int(),
    created_at: timestamp,
    name: z.string(),
    updated_at: timestamp,
    user_id: z.int(),
    /** Echoed when the request had them. */
    account_arn: z.string().optional(),
    aws_account_id: z.string().optional(),
    content_object: z.union([awsContent, nefosContent]),
    cloud_type: cloudType,
  })
  .meta({ id: 'Account' });

/** Updates may repeat the stored cloud and ARN; other values are refused in the domain. */
const changes = {
  name,
  cloud_type: drf.choice(CLOUDS, {}),
  account_arn: drf.char({ required: false, max: 256 }),
  aws_account_id: drf.char({ required: false, max: 256 }),
};
const common = { access: 'identity-header', source: 'contract metering §5' } as const;
const query = z.looseObject({ user_id: userIdParameter });

export const listAccounts = contract({
  ...common,
  method: 'get',
  path: '/v2/accounts/',
  status: 200,
  summary: "List one's cloud accounts, newest first",
  description: 'Lists the cloud accounts of the caller, newest first; those of all users for a superuser.',
  query: query.extend(pageQuery),
  response: page(account),
});
export const createAccount = contract({
  ...common,
  method: 'post',
  path: '/v2/accounts/',
  status: 201,
  refusals: [501],
  summary: 'Register an AWS account',
  description:
    'Registers an AWS account by the ARN of a role that metering may assume. 400 for an ARN that is registered ' +
    'already; 501 where AWS is not configured.',
  consumes: BODIES,
  body: drf.dict({ name, cloud_type: choice, account_arn: arn }),
  response: account,
});
export const getAccount = contract({
  ...common,
  method: 'get',
  path: '/v2/accounts/:id/',
  status: 200,
  summary: 'A cloud account',
  description: 'Answers one cloud account that the caller may see.',
  params: idParams,
  query,
  response: account,
});
export const putAccount = contract({
  ...common,
  method: 'put',
  path: '/v2/accounts/:id/',
  status: 200,
  summary: 'Rename a cloud account',
  description: 'Renames a cloud account. `cloud_type` and `account_arn` can only repeat what is stored.',
  consumes: BODIES,
  params: idParams,
  query,
  body: drf.dict(changes),
  response: account,
});
export const patchAccount = contract({
  ...common,
  method: 'patch',
  path: '/v2/accounts/:id/',
  status: 200,
  summary: 'Rename a cloud account',
  description: 'Changes the fields that are sent. `cloud_type` and `account_arn` can only repeat what is stored.',
  consumes: BODIES,
  params: idParams,
  query,
  body: drf.partial(changes),
  response: account,
});
export const deleteAccount = contract({
  ...common,
  method: 'delete',
  path: '/v2/accounts/:id/',
  status: 204,
  summary: 'Close a cloud account; its usage stays. One of our own cloud is closed by superusers only',
  description:
    'Closes a cloud account; its usage stays. An account of our own cloud is closed by superusers only. 409 when ' +
    'AWS does not allow it.',
  refusals: [409],
  params: idParams,
  query: query.extend({
    purge: booleanParameter('superusers only: removes the account, open or closed, with its usage'),
  }),
});
