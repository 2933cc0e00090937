import { randomInt } from 'node:crypto';
import { notFound, Fault, type Tx } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import { publishAccount } from '../../owners/domain/accounts.js';
import {
  clientList,
  findClient,
  hasMoney,
  insertClient,
  linkUser,
  listUsersOfClient,
  lockClient,
  setGroups,
  updateClient,
  type ClientRow,
  type ClientValues,
} from '../store/clients.js';
import { listCredits, type CreditRow } from '../store/credits.js';
import { notifyCaller } from '../../access/domain/callers.js';
import { selectPage } from '../../lists/select-page.js';
import { autoOrder, listServicesOfClient } from '../store/services.js';
import { afterCommit, dbOf } from '../../access/domain/claim.js';
import { callerOf, maySee } from '../../access/domain/caller.js';
import { resolveReferences, type ClientWish, type PartialWish } from './references.js';
import { planList, readListQuery, type Page } from '../../lists/list-query.js';
import { prepareUser, settleUser, storeUser, type NewUser } from '../../users/domain/users.js';

export { findClient, lockClient } from '../store/clients.js';
export type { ClientRow };
export interface ClientDetail extends ClientRow {
  credits: CreditRow[];
  services: { id: number; display_name: string; status: string }[];
  users: { id: number; username: string; email: string }[];
}

/** Clients that the caller may see. */
export const listClients = (ctx: ComputeCtx, query: Readonly<Record<string, unknown>>): Promise<Page<ClientRow>> => {
  const caller = callerOf(ctx);
  return selectPage<ClientRow>(
    dbOf(ctx),
    planList(
      clientList,
      readListQuery(clientList, query),
      caller.staff ? [] : [{ sql: 'c.id = any($::int[])', values: [caller.clientIds] }],
    ),
  );
};
/** A stranger's client looks absent. @throws Fault not_found */
export const getClient = async (ctx: ComputeCtx, id: number): Promise<ClientDetail> => {
  const found = maySee(callerOf(ctx), id) ? await findClient(dbOf(ctx), id) : undefined;
  if (!found) throw notFound('client.not_found');
  const [credits, services, users] = await Promise.all([
    listCredits(dbOf(ctx), id),
    listServicesOfClient(dbOf(ctx), id),
    listUsersOfClient(dbOf(ctx), id),
  ]);
  return { ...found, credits, services, users };
};

/** Random ids of six digits; when six are crowded, seven (contract compute §1.1). */
const insertWithId = async (tx: Tx, values: ClientValues): Promise<number> => {
  for (let attempt = 0; attempt < 40; attempt += 1) {
    const id = attempt < 8 ? randomInt(100_000, 1_000_000) : randomInt(1_000_000, 10_000_000);
    if (await insertClient(tx, id, values)) return id;
  }
  throw new Fault('capacity', 'client.ids', {});
};

/**
 * Makes a client, with the services that order themselves when asked. With `user`, identity makes that user first, not yet able to
 * sign in, and lets it in after our commit: whatever fails in between leaves nobody who can.
 * @param options.ownerId a portal user who owns it
 */
export const createClient = async (
  ctx: ComputeCtx,
  wish: PartialWish & Pick<ClientWish, 'first_name'>,
  options: { autoOrder?: boolean; user?: NewUser | undefined; owner?: { id: number; uuid: string } } = {},
): Promise<ClientRow> => {
  // Refused before identity hears of the user.
  await resolveReferences(dbOf(ctx), wish, undefined);
  const user = options.user && (await prepareUser(ctx, options.user, ['user']));
  const { row, userId } = await dbOf(ctx).transaction(async (tx) => {
    const { values, groupIds } = await resolveReferences(tx, wish, undefined);
    const id = await insertWithId(tx, values as ClientValues);
    if (groupIds?.length) await setGroups(tx, id, groupIds);
    const userId = user && (await storeUser(tx, user, ['user']));
    if (userId !== undefined) await linkUser(tx, id, userId, true);
    if (options.owner) {
      await linkUser(tx, id, options.owner.id, true);
      await notifyCaller(tx, options.owner.uuid);
    }
    if (options.autoOrder)
      await autoOrder(tx, id, wish.auto_order_service_external_billing_id ?? null, ctx.clock.now());
    if (user || options.owner) await publishAccount(tx, id, 'account.updated', ctx.clock.now());
    return { row: (await findClient(tx, id)) as ClientRow, userId };
  });
  await afterCommit(ctx, async () => {
    if (options.owner) ctx.callers.drop(options.owner.uuid);
    if (userId !== undefined) await settleUser(ctx, userId);
  });
  return row;
};

/** @throws Fault not_found; invalid */
export const updateClientDetails = (ctx: ComputeCtx, id: number, wish: PartialWish): Promise<ClientRow> =>
  dbOf(ctx).transaction(async (tx) => {
    const was = maySee(callerOf(ctx), id) ? await lockClient(tx, id) : undefined;
    if (!was) throw notFound('client.not_found');
    const { values, groupIds } = await resolveReferences(tx, wish, was);
    if (values.currency !== undefined && values.currency !== was.currency && (await hasMoney(tx, id)))
      throw new Fault('invalid', 'validation', {
        issues: [
          {
            path: ['currency'],
            rule: 'text',
            values: { text: 'The currency can not be changed once there is credit or an invoice.' },
          },
        ],
      });
    await updateClient(tx, id, values);
    if (groupIds) await setGroups(tx, id, groupIds);
    const now = (await findClient(tx, id)) as ClientRow;
    if (now.first_name !== was.first_name || now.last_name !== was.last_name)
      await publishAccount(tx, id, 'account.updated', ctx.clock.now());
    return now;
  });
