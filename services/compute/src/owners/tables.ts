import type { ResourceKind } from '@nefos/contracts';
import {
  bigint,
  boolean,
  computed,
  generated,
  instant,
  integer,
  jsonb,
  nullable,
  numeric,
  safeInteger,
  table,
  text,
  withDefault,
  type Row,
} from '@nefos/service-kit';

// Tables of the client behind an instance, which owners reads and locks, and which clients and billing write.

/** What holds a client back; null: nothing. It overrides the status that the client's services give. */
export type Hold = 'suspending' | 'suspended' | 'deleting';
export const clients = table(
  'client',
  {
    id: integer(),
    firstName: text(),
    lastName: text(),
    company: nullable(text()),
    email: text(),
    address1: text(),
    address2: nullable(text()),
    city: text(),
    state: nullable(text()),
    country: text(),
    zipCode: text(),
    phone: text(),
    fax: nullable(text()),
    vatId: nullable(text()),
    currency: text(),
    configurationId: integer(),
    customFields: withDefault(jsonb<{ name: string; value: string | null }[]>()),
    resellerClientId: nullable(integer()),
    externalBillingId: nullable(text()),
    autoOrderServiceExternalBillingId: nullable(text()),
    hasBillingAgreement: withDefault(boolean()),
    taxExempt: withDefault(boolean()),
    suspendInsteadOfTerminate: withDefault(boolean()),
    outofcreditAt: nullable(instant()),
    hold: nullable(text<Hold>()),
    /** Counts the events about this client that metering gets. */
    eventSequence: withDefault(safeInteger()),
    createdAt: withDefault(instant()),
    searchText: computed(text()),
  },
  { primary: ['id'] },
);
export type Client = Row<typeof clients>;

/** Terms of billing that clients are given. Amounts are in the currency with rate 1. */
export const configurations = table(
  'configuration',
  {
    id: generated(integer()),
    name: text(),
    description: withDefault(text()),
    isDefault: withDefault(boolean()),
    requiredCredit: withDefault(numeric()),
    creditLimit: withDefault(numeric()),
    requiredCreditAgreement: withDefault(numeric()),
    creditLimitAgreement: withDefault(numeric()),
    suspendAfterHours: withDefault(integer()),
    terminateAfterHours: nullable(integer()),
    autoInvoiceLeadTimeHours: withDefault(integer()),
  },
  { primary: ['id'] },
);
export type Configuration = Row<typeof configurations>;

/** `rate` is how much of the currency one unit of the base currency buys. */
export const currencies = table(
  'currency',
  { code: text(), rate: withDefault(numeric()), isDefault: withDefault(boolean()) },
  { primary: ['code'] },
);
export type Currency = Row<typeof currencies>;

export type ServiceStatus = 'pending' | 'active' | 'suspended' | 'terminated' | 'canceled' | 'fraud' | 'archived';
/** What a client has ordered. */
export const services = table(
  'service',
  {
    id: generated(integer()),
    clientId: integer(),
    orderId: nullable(integer()),
    productId: integer(),
    productCycleId: integer(),
    productType: text(),
    displayName: text(),
    status: text<ServiceStatus>(),
    suspendType: nullable(text<'overdue' | 'staff' | 'client'>()),
    externalBillingId: nullable(text()),
    createdAt: withDefault(instant()),
    activatedAt: nullable(instant()),
    suspendedAt: nullable(instant()),
    terminatedAt: nullable(instant()),
    paidUntil: nullable(instant()),
  },
  { primary: ['id'] },
);
export type Service = Row<typeof services>;

/** The cloud project of an OpenStack service: what instances belong to. */
export const projects = table(
  'project',
  {
    id: text(),
    serviceId: integer(),
    name: text(),
    disabled: withDefault(boolean()),
    /** Quota limits that differ from the defaults, by resource (projects/quota-resources.ts). */
    quotaLimits: withDefault(jsonb<Record<string, number>>()),
    createdAt: withDefault(instant()),
  },
  { primary: ['id'] },
);

/** Amounts that a client has paid, by currency. */
export const clientCredits = table(
  'client_credit',
  { clientId: integer(), currency: text(), amount: withDefault(numeric()) },
  { primary: ['clientId', 'currency'] },
);

/** What a service costs for a period. */
export const serviceCycles = table(
  'service_cycle',
  {
    id: generated(safeInteger()),
    serviceId: integer(),
    startAt: instant(),
    endAt: instant(),
    status: withDefault(text<'unpaid' | 'invoiced' | 'settled'>()),
    fixed: withDefault(numeric()),
    dynamic: withDefault(numeric()),
    total: withDefault(numeric()),
    currency: text(),
  },
  { primary: ['id'] },
);

/** What metering was told last of each thing that is in use: images, volumes, floating IPs, traffic. */
export const meteredResources = table(
  'metered_resource',
  {
    kind: text<ResourceKind>(),
    resourceId: text(),
    clientId: integer(),
    regionId: text(),
    /** In the kind's unit. */
    quantity: bigint(),
    /** Number of the last event; 0: none yet. */
    sequence: integer(),
    /** It was there before it was metered, and its first event is not published yet. */
    due: withDefault(boolean()),
  },
  { primary: ['kind', 'resourceId'] },
);
