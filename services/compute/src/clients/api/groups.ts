import { compute } from '@nefos/contracts';
import { endpointFor } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import { camelKeys } from '../../camel-keys.js';
import { changeGroup, createGroup, getGroup, listGroups, removeGroup, type Group } from '../domain/groups.js';
import { listConfigurations, listCurrencies, type Configuration, type Currency } from '../domain/configurations.js';
import { envelope } from '../../lists/api/envelope.js';

const endpoint = endpointFor<ComputeCtx>();
const groupView = ({ id, name, description, isDefault }: Group) => ({ id, name, description, is_default: isDefault });
const configurationView = (c: Configuration) => ({
  id: c.id,
  name: c.name,
  description: c.description,
  is_default: c.isDefault,
  required_credit: c.requiredCredit,
  credit_limit: c.creditLimit,
  required_credit_agreement: c.requiredCreditAgreement,
  credit_limit_agreement: c.creditLimitAgreement,
  suspend_after_hours: c.suspendAfterHours,
  terminate_after_hours: c.terminateAfterHours,
  auto_invoice_lead_time_hours: c.autoInvoiceLeadTimeHours,
});
const currencyView = ({ code, rate, isDefault }: Currency) => ({ code, rate, is_default: isDefault });

export const clientGroupEndpoints = [
  endpoint(compute.listClientGroups, async (ctx, { query, req }) =>
    envelope(ctx, req, await listGroups(ctx, query), groupView),
  ),
  endpoint(compute.createClientGroup, async (ctx, { body }) => groupView(await createGroup(ctx, camelKeys(body)))),
  endpoint(compute.getClientGroup, async (ctx, { params }) => groupView(await getGroup(ctx, params.group_id))),
  endpoint(compute.putClientGroup, async (ctx, { params, body }) =>
    groupView(await changeGroup(ctx, params.group_id, camelKeys(body))),
  ),
  endpoint(compute.patchClientGroup, async (ctx, { params, body }) =>
    groupView(await changeGroup(ctx, params.group_id, camelKeys(body))),
  ),
  endpoint(compute.deleteClientGroup, async (ctx, { params }) => removeGroup(ctx, params.group_id)),
  endpoint(compute.listConfigurations, async (ctx, { query, req }) =>
    envelope(ctx, req, await listConfigurations(ctx, query), configurationView),
  ),
  endpoint(compute.listCurrencies, async (ctx, { query, req }) =>
    envelope(ctx, req, await listCurrencies(ctx, query), currencyView),
  ),
];
