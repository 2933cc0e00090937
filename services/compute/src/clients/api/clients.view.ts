import countries from 'i18n-iso-countries';
import type { ComputeCtx } from '../../ctx.js';
import type { ClientDetail, Client } from '../domain/clients.js';
import { localTime } from '../../local-time.js';

const nameOf = (code: string): string => countries.getName(code, 'en', { select: 'official' }) ?? code;

/** The list's object (contract compute §4.1). */
export const clientItem = (ctx: ComputeCtx) => (c: Client) => {
  const name = `${c.firstName} ${c.lastName}`;
  const zone = ctx.config.NEFOS_COMPUTE_TIME_ZONE;
  return {
    id: c.id,
    first_name: c.firstName,
    last_name: c.lastName,
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
    vat_id: c.vatId,
    date_created: localTime(c.createdAt, zone),
    status: c.status,
    uptodate_credit: c.uptodateCredit,
    outofcredit_datetime: c.outofcreditAt && localTime(c.outofcreditAt, zone),
    suspend_instead_of_terminate: c.suspendInsteadOfTerminate,
    group_name: c.groups.join(', '),
    configuration_name: c.defaultConfiguration ? '' : c.configuration,
    external_billing_id: c.externalBillingId,
    has_billing_agreement: c.hasBillingAgreement,
  };
};
/** The form (contract compute §4.2); `create_auto_order_service` is always false in answers. */
export const clientForm = (c: Client) => ({
  id: c.id,
  first_name: c.firstName,
  last_name: c.lastName,
  company: c.company,
  address1: c.address1,
  address2: c.address2,
  city: c.city,
  state: c.state,
  country: c.country,
  zip_code: c.zipCode,
  phone: c.phone,
  fax: c.fax,
  email: c.email,
  vat_id: c.vatId,
  currency: c.currency,
  groups: c.groups,
  custom_fields: c.customFields,
  configuration: c.configuration,
  reseller_client: c.resellerClient,
  external_billing_id: c.externalBillingId,
  auto_order_service_external_billing_id: c.autoOrderServiceExternalBillingId,
  create_auto_order_service: false as const,
});
export const clientDetail = (ctx: ComputeCtx, c: ClientDetail) => ({
  ...clientItem(ctx)(c),
  ...clientForm(c),
  credits: c.credits.map(({ currency, amount, uptodateAmount }) => ({
    currency,
    amount,
    uptodate_amount: uptodateAmount,
  })),
  effective_credit_limit: c.effectiveCreditLimit,
  services: c.services.map(({ id, displayName, status }) => ({ id, display_name: displayName, status })),
  users: c.users.map(({ id, username, email }) => ({ id, username, email })),
  tax_exempt: c.taxExempt,
});
