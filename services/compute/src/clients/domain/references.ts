import { Fault, type Issue, type Queryable } from '@nefos/service-kit';
import { findReferences, type ClientRow, type ClientValues } from '../store/clients.js';

export { findReferences } from '../store/clients.js';

/** What a caller says of a client; absent keys are left as they are. */
export interface ClientWish {
  first_name: string;
  last_name: string;
  email: string;
  address1: string;
  city: string;
  country: string;
  zip_code: string;
  phone: string;
  state: string | null;
  company: string | null;
  address2: string | null;
  fax: string | null;
  vat_id: string | null;
  currency: string;
  configuration: string;
  groups: string[];
  custom_fields: { name: string; value: string | null }[];
  reseller_client: number | null;
  external_billing_id: string | null;
  auto_order_service_external_billing_id: string | null;
}
type Partly<T> = { [K in keyof T]?: T[K] | undefined };
export type PartialWish = Partly<ClientWish>;

/**
 * Finds what a wish refers to: currency, configuration, groups and reseller.
 * @param was the client as it is; undefined for a new one, which gets the defaults
 * @throws Fault invalid, naming every one that is not there
 */
export const resolveReferences = async (
  q: Queryable,
  wish: PartialWish,
  was: ClientRow | undefined,
): Promise<{ values: Partial<ClientValues>; groupIds: number[] | undefined }> => {
  const { currency, configuration, groups, reseller_client: reseller, ...plain } = wish;
  const found = await findReferences(q, {
    currency: currency ?? null,
    configuration: configuration ?? null,
    groups: groups ?? [],
    reseller: reseller || null,
  });
  const issues: Issue[] = [];
  if (currency !== undefined && !found.currency)
    issues.push({ path: ['currency'], rule: 'pk', values: { pk: currency } });
  if (configuration !== undefined && found.configuration_id === null)
    issues.push({ path: ['configuration'], rule: 'slug', values: { value: configuration } });
  const chosen = groups?.map((said) => ({
    said,
    group: found.groups.find((g) => g.name === said) ?? found.groups.find((g) => String(g.id) === said),
  }));
  for (const { said, group } of chosen ?? [])
    if (!group) issues.push({ path: ['groups'], rule: 'slug', values: { value: said } });
  if (reseller && (found.reseller_id === null || reseller === was?.id))
    issues.push({ path: ['reseller_client'], rule: 'pk', values: { pk: reseller } });
  if (issues.length) throw new Fault('invalid', 'validation', { issues });
  const values: Partial<ClientValues> = Object.fromEntries(
    Object.entries(plain).filter(([, value]) => value !== undefined),
  );
  // A blank external id is none: it must not collide with another blank one.
  if (values.external_billing_id === '') values.external_billing_id = null;
  if (!was || currency !== undefined) values.currency = found.currency as string;
  if (!was || configuration !== undefined) values.configuration_id = found.configuration_id as number;
  if (reseller !== undefined) values.reseller_client_id = reseller || null;
  return { values, groupIds: chosen?.map(({ group }) => group?.id as number) };
};
