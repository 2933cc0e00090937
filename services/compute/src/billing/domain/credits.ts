import { Fault, notFound } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import { dbOf } from '../../access/domain/claim.js';
import { findReferences } from '../../clients/domain/references.js';
import { findClient, lockClient } from '../../clients/domain/clients.js';
import { addCredit, invoicePeriods, setAgreements, sumUnpaid } from '../store/credits.js';
import { listInvoiceCandidates, necessaryCredit, type InvoiceCandidate } from '../store/invoicing.js';

export type { InvoiceCandidate };
const bad = (path: string, rule: string, values: Record<string, unknown>): Fault =>
  new Fault('invalid', 'validation', { issues: [{ path: [path], rule, values }] });
/** Periods that ended within this time count as recent (contract compute §4.3). */
const RECENT_MS = 72 * 3_600_000;
const recently = (ctx: ComputeCtx): Date => new Date(ctx.clock.now().getTime() - RECENT_MS);

/** Adds or subtracts; the balance may fall below zero. @returns the new balance in that currency */
export const changeCredit = async (
  ctx: ComputeCtx,
  id: number,
  { amount, currency, add }: { amount: string; currency?: string | undefined; add: boolean },
): Promise<string> => {
  if (!/[1-9]/.test(amount) || amount.startsWith('-'))
    throw bad('amount', 'text', { text: 'The amount must be greater than zero.' });
  return dbOf(ctx).transaction(async (tx) => {
    const client = await findClient(tx, id);
    if (!client) throw notFound('client.not_found');
    const found =
      currency === undefined
        ? client.currency
        : (await findReferences(tx, { currency, configuration: null, groups: [], reseller: null })).currency;
    if (!found) throw bad('currency', 'pk', { pk: currency });
    return addCredit(tx, id, found, add ? amount : `-${amount}`);
  });
};
/** Cost of the unpaid cycles. @throws Fault not_found */
export const billingSummary = async (ctx: ComputeCtx, id: number): Promise<{ price: string; currency: string }> => {
  const client = await findClient(dbOf(ctx), id);
  if (!client) throw notFound('client.not_found');
  return { price: await sumUnpaid(dbOf(ctx), id), currency: client.currency };
};
export const agree = (ctx: ComputeCtx, agreements: readonly { uuid: string; agreement: boolean }[]): Promise<void> =>
  dbOf(ctx).transaction((tx) => setAgreements(tx, agreements));

export const clientsToInvoice = (
  ctx: ComputeCtx,
  wish: {
    external?: boolean | undefined;
    agreement?: boolean | undefined;
    creditMax?: string | undefined;
    suspendedToo: boolean;
  },
): Promise<InvoiceCandidate[]> =>
  listInvoiceCandidates(dbOf(ctx), {
    ...wish,
    statuses: wish.suspendedToo ? ['active', 'suspended', 'suspending'] : ['active'],
    endedAfter: recently(ctx),
  });
export interface InvoiceWork {
  id: number;
  external_billing_id: string | null;
  currency: string;
  uptodate_credit: string;
  effective_credit_limit: string;
  periods: { id: number; service: number }[];
}
/** What external billing has to invoice; those periods are `invoiced` from now on, and told until they are settled, so that a lost answer loses none. */
export const takeInvoiceWork = (ctx: ComputeCtx, id: number): Promise<InvoiceWork> =>
  dbOf(ctx).transaction(async (tx) => {
    const client = await lockClient(tx, id);
    if (!client) throw notFound('client.not_found');
    const periods = await invoicePeriods(tx, id, ctx.clock.now());
    return { ...client, periods: periods.map((one) => ({ id: Number(one.id), service: one.service_id })) };
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
  ).map((one) => one.external_billing_id as string);
export interface CreditQuestion {
  external_billing_id: string;
  credit_still_to_be_paid: string;
  credit_still_to_be_paid_currency_code?: string | undefined;
}
/** How much each client lacks to its limit, what is on its way already counted. Clients that lack nothing, and unknown ones, are left out. */
export const missingCredit = async (
  ctx: ComputeCtx,
  questions: readonly CreditQuestion[],
): Promise<{ external_billing_id: string; amount: string; currency: string }[]> => {
  const found = await listInvoiceCandidates(dbOf(ctx), {
    statuses: ['active', 'suspended', 'inactive'],
    externalIds: questions.map((one) => one.external_billing_id),
    endedAfter: recently(ctx),
  });
  const answers: { external_billing_id: string; amount: string; currency: string }[] = [];
  for (const one of questions) {
    const client = found.find((c) => c.external_billing_id === one.external_billing_id);
    const amount =
      client &&
      (await necessaryCredit(
        dbOf(ctx),
        client.id,
        one.credit_still_to_be_paid,
        one.credit_still_to_be_paid_currency_code ?? null,
      ));
    if (client && amount)
      answers.push({ external_billing_id: one.external_billing_id, amount, currency: client.currency });
  }
  return answers;
};
