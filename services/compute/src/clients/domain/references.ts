import { unknownKey } from '../../refusals.js';
import { invalid, type Issue, type Queryable } from '@nefos/service-kit';
import { withoutUndefined } from '../../without-undefined.js';
import type { Client, ClientValues } from '../store/clients.js';
import { findReferences } from '../store/references.js';

type Values = Omit<ClientValues, 'configurationId' | 'resellerClientId' | 'currency'>;
type Partly<T> = { [K in keyof T]?: T[K] | undefined };
/** What a request says of a client; what is undefined stays as it is. */
export type WantedClient = Partly<
  Values & {
    currency: string;
    /** The name of a configuration. */
    configuration: string;
    /** Names or ids of groups. */
    groups: string[];
    /** An id; 0 or null: none. */
    resellerClient: number | null;
  }
>;

/** The currency of that name, or the default one; null: there is none. */
export const findCurrency = async (q: Queryable, currency: string): Promise<string | null> =>
  (await findReferences(q, { currency, configuration: null, groups: [], reseller: null })).currency;

/**
 * Finds what a request refers to: currency, configuration, groups and reseller.
 * @param before the client as it is; undefined for a new one, which gets the defaults
 * @returns the values to write, and the ids of the groups when the request names groups
 * @throws Fault invalid, naming everything that is not there
 */
export const resolveReferences = async (
  q: Queryable,
  wanted: WantedClient,
  before: Client | undefined,
): Promise<{ values: Partial<ClientValues>; groupIds: number[] | undefined }> => {
  const { currency, configuration, groups, resellerClient: reseller, ...plain } = wanted;
  const found = await findReferences(q, {
    currency: currency ?? null,
    configuration: configuration ?? null,
    groups: groups ?? [],
    reseller: reseller || null,
  });
  const issues: Issue[] = [];
  if (currency !== undefined && !found.currency) issues.push(unknownKey(['currency'], currency));
  if (configuration !== undefined && found.configurationId === null)
    issues.push({ path: ['configuration'], rule: 'slug', values: { value: configuration } });
  const chosen = groups?.map((name) => ({
    name,
    group: found.groups.find((g) => g.name === name) ?? found.groups.find((g) => String(g.id) === name),
  }));
  for (const { name, group } of chosen ?? [])
    if (!group) issues.push({ path: ['groups'], rule: 'slug', values: { value: name } });
  if (reseller && (found.resellerId === null || reseller === before?.id))
    issues.push(unknownKey(['reseller_client'], reseller));
  if (issues.length) throw invalid(issues);
  const values: Partial<ClientValues> = withoutUndefined(plain);
  // A blank external id means none. Stored as it is it would collide with another blank one.
  if (values.externalBillingId === '') values.externalBillingId = null;
  if (!before || currency !== undefined) values.currency = found.currency as string;
  if (!before || configuration !== undefined) values.configurationId = found.configurationId as number;
  if (reseller !== undefined) values.resellerClientId = reseller || null;
  return { values, groupIds: chosen?.map(({ group }) => group?.id as number) };
};
