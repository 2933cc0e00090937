import { invalid, notFound } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import { dbOf } from '../../access/domain/claim.js';
import { findCurrency } from '../../clients/domain/references.js';
import { invalidValue, unknownKey } from '../../refusals.js';
import { findClient, lockClient } from '../../clients/domain/clients.js';
import { getService } from '../../clients/domain/services.js';
import {
  addCredit,
  invoicePeriods,
  noteOutOfCredit,
  resetPeriods,
  setAgreements,
  sumUnpaid,
  type UptodateCredit,
} from '../store/credits.js';
import { listInvoiceCandidates, necessaryCredit, type InvoiceCandidate } from '../store/invoicing.js';

export type { InvoiceCandidate, UptodateCredit };
/** Periods that ended within this time count as recent (contract compute §4.3). */
const RECENT_MS = 72 * 3_600_000;
const recently = (ctx: ComputeCtx): Date => new Date(ctx.clock.now().getTime() - RECENT_MS);

/**
 * Adds credit or subtracts it; the balance may fall below zero.
 * @param change.currency undefined: the client's own
 * @returns the new balance in that currency
 * @throws Fault not_found, invalid
 */
export const changeCredit = async (
  ctx: ComputeCtx,
  id: number,
  { amount, currency, add }: { amount: string; currency?: string | undefined; add: boolean },
): Promise<string> => {
  if (!/[1-9]/.test(amount) || amount.startsWith('-')) throw invalidValue(['amount'], 'credit.amount');
  return dbOf(ctx).transaction(async (tx) => {
    const client = await findClient(tx, id);
    if (!client) throw notFound('client.not_found');
    const found = currency === undefined ? client.currency : await findCurrency(tx, currency);
    if (!found) throw invalid([unknownKey(['currency'], currency ?? client.currency)]);
    return addCredit(tx, id, found, add ? amount : `-${amount}`);
  });
};
/** Works out the client's up-to-date credit, and notes whether it is out of credit. @throws Fault not_found */
export const updateCredit = (ctx: ComputeCtx, id: number): Promise<UptodateCredit> =>
  dbOf(ctx).transaction(async (tx) => {
    // Two at once follow each other: the later one sees what the first has noted.
    if (!(await lockClient(tx, id))) throw notFound('client.not_found');
    const credit = await noteOutOfCredit(tx, id, ctx.clock.now());
    if (!credit) throw notFound('client.not_found');
    return credit;
  });
/**
 * Makes invoiced periods of a service unpaid again: the external billing could not make the invoice.
 * @returns how many were
 * @throws Fault not_found
 */
export const resetInvoicedPeriods = async (
  ctx: ComputeCtx,
  serviceId: number,
  ids: readonly number[],
): Promise<number> => {
  await getService(ctx, serviceId);
  return dbOf(ctx).transaction((tx) => resetPeriods(tx, serviceId, ids));
};
/** What the unpaid cycles cost, in the client's currency. @throws Fault not_found */
export const billingSummary = async (ctx: ComputeCtx, id: number): Promise<{ price: string; currency: string }> => {
  const client = await findClient(dbOf(ctx), id);
  if (!client) throw notFound('client.not_found');
  return { price: await sumUnpaid(dbOf(ctx), id), currency: client.currency };
};
/** Notes which clients have a billing agreement. @param agreements.uuid the client's external id */
export const agree = (ctx: ComputeCtx, agreements: readonly { uuid: string; agreement: boolean }[]): Promise<void> =>
  dbOf(ctx).transaction((tx) => setAgreements(tx, agreements));

/** Clients for the external billing's invoice run. @param filter.creditMax only clients whose credit is at most this */
export const clientsToInvoice = (
  ctx: ComputeCtx,
  filter: {
    external?: boolean | undefined;
    agreement?: boolean | undefined;
    creditMax?: string | undefined;
    suspendedToo: boolean;
  },
): Promise<InvoiceCandidate[]> =>
  listInvoiceCandidates(dbOf(ctx), {
    ...filter,
    statuses: filter.suspendedToo ? ['active', 'suspended', 'suspending'] : ['active'],
    endedAfter: recently(ctx),
  });
export interface InvoiceWork {
  id: number;
  externalBillingId: string | null;
  currency: string;
  uptodateCredit: string;
  effectiveCreditLimit: string;
  periods: { id: number; service: number }[];
}
/**
 * What the external billing has to invoice. The periods are `invoiced` from now on, and are returned until they are
 * settled, so that an answer that is lost loses none.
 * @throws Fault not_found
 */
export const takeInvoiceWork = (ctx: ComputeCtx, id: number): Promise<InvoiceWork> =>
  dbOf(ctx).transaction(async (tx) => {
    const client = await lockClient(tx, id);
    if (!client) throw notFound('client.not_found');
    const periods = await invoicePeriods(tx, id, ctx.clock.now());
    return { ...client, periods: periods.map((one) => ({ id: one.id, service: one.serviceId })) };
  });
/** External ids of clients whose credit has fallen below their limit. */
export const clientsBelowLimit = async (ctx: ComputeCtx): Promise<string[]> =>
  (
    await listInvoiceCandidates(dbOf(ctx), {
      statuses: ['active', 'suspended'],
      external: true,
      belowLimit: true,
      endedAfter: recently(ctx),
    })
  ).map((one) => one.externalBillingId as string);
export interface CreditQuestion {
  externalBillingId: string;
  toBePaid: string;
  currency?: string | undefined;
}
/**
 * How much each client has to pay to reach its limit, less what it is asked to pay already. Clients that have to pay
 * nothing, and unknown ones, are left out.
 */
export const missingCredit = async (
  ctx: ComputeCtx,
  questions: readonly CreditQuestion[],
): Promise<{ externalBillingId: string; amount: string; currency: string }[]> => {
  const found = await listInvoiceCandidates(dbOf(ctx), {
    statuses: ['active', 'suspended', 'inactive'],
    externalIds: questions.map((one) => one.externalBillingId),
    endedAfter: recently(ctx),
  });
  const answers: { externalBillingId: string; amount: string; currency: string }[] = [];
  for (const one of questions) {
    const client = found.find((c) => c.externalBillingId === one.externalBillingId);
    const amount = client && (await necessaryCredit(dbOf(ctx), client.id, one.toBePaid, one.currency ?? null));
    if (client && amount) answers.push({ externalBillingId: one.externalBillingId, amount, currency: client.currency });
  }
  return answers;
};
