import { metering } from '@nefos/contracts';
import { endpointFor, isoZ, Reply } from '@nefos/service-kit';
import type { MeteringCtx } from '../../ctx.js';
import {
  accountOf,
  accountsOf,
  changeAccount,
  deleteAccount,
  purgeAccount,
  registerAccount,
  type Account,
} from '../domain/accounts.js';
import { callerOf } from '../../access/domain/caller.js';
import { envelope, pageOf } from '../../access/api/page.js';

const endpoint = endpointFor<MeteringCtx>();

/**
 * Fields of the request about the cloud's side of the account: they are echoed beside the stored values (contract
 * metering §5).
 */
interface Echo {
  account_arn?: string | undefined;
  aws_account_id?: string | undefined;
}
const content = (c: Account['content']) =>
  c.cloud === 'aws'
    ? {
        account_arn: c.arn,
        aws_account_id: c.awsAccountId,
        aws_cloud_account_id: c.id,
        created_at: isoZ(c.createdAt),
        updated_at: isoZ(c.updatedAt),
      }
    : {
        nefos_cloud_account_id: c.id,
        client_id: c.clientId,
        created_at: isoZ(c.createdAt),
        updated_at: isoZ(c.updatedAt),
      };
const view = (a: Account, echo: Echo = {}) => ({
  account_id: a.id,
  created_at: isoZ(a.createdAt),
  name: a.name,
  updated_at: isoZ(a.updatedAt),
  user_id: a.userId,
  ...(echo.account_arn !== undefined && { account_arn: echo.account_arn }),
  ...(echo.aws_account_id !== undefined && { aws_account_id: echo.aws_account_id }),
  content_object: content(a.content),
  cloud_type: a.content.cloud,
});
const changes = (body: { name?: string | undefined; cloud_type?: string | undefined } & Echo) => ({
  name: body.name,
  cloudType: body.cloud_type,
  arn: body.account_arn,
});

export const accountEndpoints = [
  endpoint(metering.listAccounts, async (ctx, { query, req }) => {
    const page = pageOf(query);
    return envelope(req, page, await accountsOf(ctx, callerOf(ctx), query.user_id, page), (a) => view(a));
  }),
  endpoint(metering.createAccount, (ctx, { body }) =>
    registerAccount(ctx, callerOf(ctx), { name: body.name, arn: body.account_arn }),
  ),
  endpoint(metering.getAccount, async (ctx, { params, query }) =>
    view(await accountOf(ctx, callerOf(ctx), params.id, query.user_id)),
  ),
  endpoint(metering.putAccount, async (ctx, { params, query, body }) =>
    view(await changeAccount(ctx, callerOf(ctx), params.id, query.user_id, changes(body)), body),
  ),
  endpoint(metering.patchAccount, async (ctx, { params, query, body }) =>
    view(await changeAccount(ctx, callerOf(ctx), params.id, query.user_id, changes(body)), body),
  ),
  endpoint(metering.deleteAccount, async (ctx, { params, query }) => {
    await (query.purge ? purgeAccount : deleteAccount)(ctx, callerOf(ctx), params.id, query.user_id);
    return new Reply(undefined);
  }),
];
