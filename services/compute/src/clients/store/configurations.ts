import type { ListSpec } from '../../lists/list-query.js';

export interface ConfigurationRow {
  id: number;
  name: string;
  description: string;
  is_default: boolean;
  required_credit: string;
  credit_limit: string;
  required_credit_agreement: string;
  credit_limit_agreement: string;
  suspend_after_hours: number;
  terminate_after_hours: number | null;
  auto_invoice_lead_time_hours: number;
}
export const configurationList: ListSpec = {
  select: `f.id, f.name, f.description, f.is_default, round(f.required_credit, 2)::text required_credit, round(f.credit_limit, 2)::text credit_limit, round(f.required_credit_agreement, 2)::text required_credit_agreement,
    round(f.credit_limit_agreement, 2)::text credit_limit_agreement, f.suspend_after_hours, f.terminate_after_hours, f.auto_invoice_lead_time_hours`,
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
export interface CurrencyRow {
  code: string;
  rate: string;
  is_default: boolean;
}
export const currencyList: ListSpec = {
  select: `k.code, trim_scale(k.rate)::text rate, k.is_default`,
  from: 'currency k',
  fields: { code: { sql: 'k.code', type: 'text' }, is_default: { sql: 'k.is_default', type: 'boolean' } },
  search: ['k.code'],
  ordering: 'code',
  tie: 'k.code',
};
