import countries from 'i18n-iso-countries';
import type { ComputeCtx } from '../../ctx.js';
import type { ClientDetail, ClientRow } from '../domain/clients.js';
import { localTime } from '../../local-time.js';

const nameOf = (code: string): string => countries.getName(code, 'en', { select: 'official' }) ?? code;

/** The list's object (contract compute §4.1). */
export const clientItem = (ctx: ComputeCtx) => (c: ClientRow) => {
  const name = `${c.first_name} ${c.last_name}`;
  const zone = ctx.config.NEFOS_COMPUTE_TIME_ZONE;
  return {
    id: c.id,
    first_name: c.first_name,
    last_name: c.last_name,
    name,
    long_name: c.company ? `${c.company} (${name})` : name,
    company: c.company,
    email: c.email,
    phone: c.phone,
    city: c.city,
    state: c.state,
    country: c.country,
    country_name: nameOf(c.country),
    currency: c.currency,
    vat_id: c.vat_id,
    date_created: localTime(c.created_at, zone),
    status: c.status,
    uptodate_credit: c.uptodate_credit,
    outofcredit_datetime: c.outofcredit_at && localTime(c.outofcredit_at, zone),
    suspend_instead_of_terminate: c.suspend_instead_of_terminate,
    group_name: c.groups.join(', '),
    configuration_name: c.default_configuration ? '' : c.configuration,
    external_billing_id: c.external_billing_id,
    has_billing_agreement: c.has_billing_agreement,
  };
};
/** The form (contract compute §4.2): the wish to order is never told back. */
export const clientForm = (c: ClientRow) => ({
  id: c.id,
  first_name: c.first_name,
  last_name: c.last_name,
  company: c.company,
  address1: c.address1,
  address2: c.address2,
  city: c.city,
  state: c.state,
  country: c.country,
  zip_code: c.zip_code,
  phone: c.phone,
  fax: c.fax,
  email: c.email,
  vat_id: c.vat_id,
  currency: c.currency,
  groups: c.groups,
  custom_fields: c.custom_fields,
  configuration: c.configuration,
  reseller_client: c.reseller_client,
  external_billing_id: c.external_billing_id,
  auto_order_service_external_billing_id: c.auto_order_service_external_billing_id,
  create_auto_order_service: false as const,
});
export const clientDetail = (ctx: ComputeCtx, c: ClientDetail) => ({
  ...clientItem(ctx)(c),
  ...clientForm(c),
  credits: c.credits,
  effective_credit_limit: c.effective_credit_limit,
  services: c.services,
  users: c.users.map(({ id, username, email }) => ({ id, username, email })),
  tax_exempt: c.tax_exempt,
});
