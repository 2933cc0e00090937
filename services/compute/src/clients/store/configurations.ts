import { columns, type Queryable } from '@nefos/service-kit';
import type { Page } from '../../lists/list-plan.js';
import type { ListSpec, Query } from '../../lists/list-query.js';
import { pageOf } from '../../lists/select-page.js';
import { configurations, type Configuration, type Currency } from '../../owners/tables.js';

export type { Configuration, Currency };

/** SQL: amounts are shown with two decimals, rates without trailing zeros. */
const configurationList: ListSpec = {
  select: `${columns(configurations, 'f', ['id', 'name', 'description', 'isDefault'])},
    round(f.required_credit, 2)::text "requiredCredit", round(f.credit_limit, 2)::text "creditLimit",
    round(f.required_credit_agreement, 2)::text "requiredCreditAgreement",
    round(f.credit_limit_agreement, 2)::text "creditLimitAgreement",
    ${columns(configurations, 'f', ['suspendAfterHours', 'terminateAfterHours', 'autoInvoiceLeadTimeHours'])}`,
  from: 'configuration f',
  fields: {
    id: { sql: 'f.id', type: 'int' },
    name: { sql: 'f.name', type: 'text' },
    is_default: { sql: 'f.is_default', type: 'boolean' },
  },
  search: ['f.name', 'f.description'],
  ordering: 'id',
  tie: 'f.id',
};
/** @throws Fault not_found/page, invalid/filter */
export const pageOfConfigurations = (q: Queryable, query: Query): Promise<Page<Configuration>> =>
  pageOf<Configuration>(q, configurationList, query);

const currencyList: ListSpec = {
  select: `k.code, trim_scale(k.rate)::text rate, k.is_default "isDefault"`,
  from: 'currency k',
  fields: { code: { sql: 'k.code', type: 'text' }, is_default: { sql: 'k.is_default', type: 'boolean' } },
  search: ['k.code'],
  ordering: 'code',
  tie: 'k.code',
};
/** @throws Fault not_found/page, invalid/filter */
export const pageOfCurrencies = (q: Queryable, query: Query): Promise<Page<Currency>> =>
  pageOf<Currency>(q, currencyList, query);
