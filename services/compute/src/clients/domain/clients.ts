import { randomInt } from 'node:crypto';
import { Fault, notFound, type Tx } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import { callerOf, maySee } from '../../access/domain/caller.js';
import { notifyCaller } from '../../access/domain/callers.js';
import { afterCommit, dbOf } from '../../access/domain/claim.js';
import type { Page } from '../../lists/list-plan.js';
import type { Query } from '../../lists/list-query.js';
import { publishAccount } from '../../owners/domain/accounts.js';
import { invalidValue } from '../../refusals.js';
import { activateNewUser, prepareUser, storeUser, type NewUser } from '../../users/domain/new-users.js';
import {
  findClient,
  hasMoney,
  insertClient,
  lockClient,
  pageOfClients,
  updateClient,
  type Client,
  type ClientValues,
} from '../store/clients.js';
import { listCredits, type Credit } from '../store/credits.js';
import { setGroups } from '../store/groups.js';
import { linkUser, listUsersOfClient } from '../store/members.js';
import { listServicesOfClient, type Service } from '../store/services.js';
import { autoOrder } from './auto-order.js';
import { resolveReferences, type WantedClient } from './references.js';

export { findClient, lockClient } from '../store/clients.js';
export type { Client };
export interface ClientDetail extends Client {
  credits: Credit[];
  services: Pick<Service, 'id' | 'displayName' | 'status'>[];
  users: { id: number; username: string; email: string }[];
}

/** Clients that the caller may see. @throws Fault not_found/page, invalid/filter */
export const listClients = (ctx: ComputeCtx, query: Query): Promise<Page<Client>> => {
  const { staff, clientIds } = callerOf(ctx);
  return pageOfClients(dbOf(ctx), query, staff ? null : clientIds);
};
/** A client that the caller may not see looks absent. @throws Fault not_found */
export const getClient = async (ctx: ComputeCtx, id: number): Promise<ClientDetail> => {
  const db = dbOf(ctx);
  const found = maySee(callerOf(ctx), id) ? await findClient(db, id) : undefined;
  if (!found) throw notFound('client.not_found');
  const [credits, services, users] = await Promise.all([
    listCredits(db, id),
    listServicesOfClient(db, id),
    listUsersOfClient(db, id),
  ]);
  return { ...found, credits, services, users };
};

/**
 * Inserts under a random id of six digits; when many of those are taken, of seven (contract compute §1.1).
 * @returns the id
 */
const insertWithId = async (tx: Tx, values: ClientValues): Promise<number> => {
  for (let attempt = 0; attempt < 40; attempt += 1) {
    const id = attempt < 8 ? randomInt(100_000, 1_000_000) : randomInt(1_000_000, 10_000_000);
    if (await insertClient(tx, id, values)) return id;
  }
  throw new Fault('capacity', 'client.ids', {});
};
/** What a request may leave out. */
const NOT_GIVEN = {
  company: null,
  address2: null,
  state: null,
  fax: null,
  vatId: null,
  customFields: [],
  resellerClientId: null,
  externalBillingId: null,
  autoOrderServiceExternalBillingId: null,
};

interface CreateOptions {
  /** Order the products that are ordered automatically. */
  autoOrder?: boolean;
  /** A user to be created with the client. */
  user?: NewUser | undefined;
  /** A portal user who becomes the client's owner. */
  owner?: { id: number; uuid: string };
}
/**
 * Creates a client. With `user`, identity makes that user first, who can not sign in yet, and lets the user in after
 * the commit: a request that fails in between leaves no user who could sign in.
 * @throws Fault invalid, forbidden, unavailable
 */
export const createClient = async (
  ctx: ComputeCtx,
  wanted: WantedClient,
  options: CreateOptions = {},
): Promise<Client> => {
  // What can be refused here is refused before identity makes the user.
  await resolveReferences(dbOf(ctx), wanted, undefined);
  const user = options.user && (await prepareUser(ctx, options.user, ['user']));
  const { client, userId } = await dbOf(ctx).transaction(async (tx) => {
    const { values, groupIds } = await resolveReferences(tx, wanted, undefined);
    const id = await insertWithId(tx, { ...NOT_GIVEN, ...values } as ClientValues);
    if (groupIds?.length) await setGroups(tx, id, groupIds);
    const newUserId = user && (await storeUser(tx, user, ['user']));
    if (newUserId !== undefined) await linkUser(tx, id, newUserId, true);
    if (options.owner) {
      await linkUser(tx, id, options.owner.id, true);
      await notifyCaller(tx, options.owner.uuid);
    }
    if (options.autoOrder) await autoOrder(tx, id, wanted.autoOrderServiceExternalBillingId ?? null, ctx.clock.now());
    if (user || options.owner) await publishAccount(tx, id, 'account.updated', ctx.clock.now());
    return { client: (await findClient(tx, id)) as Client, userId: newUserId };
  });
  await afterCommit(ctx, async () => {
    if (options.owner) ctx.callers.drop(options.owner.uuid);
    if (userId !== undefined) await activateNewUser(ctx, userId);
  });
  return client;
};

/** @throws Fault not_found, invalid */
export const updateClientDetails = (ctx: ComputeCtx, id: number, wanted: WantedClient): Promise<Client> =>
  dbOf(ctx).transaction(async (tx) => {
    const before = maySee(callerOf(ctx), id) ? await lockClient(tx, id) : undefined;
    if (!before) throw notFound('client.not_found');
    const { values, groupIds } = await resolveReferences(tx, wanted, before);
    if (values.currency !== undefined && values.currency !== before.currency && (await hasMoney(tx, id)))
      throw invalidValue(['currency'], 'client.currency_fixed');
    await updateClient(tx, id, values);
    if (groupIds) await setGroups(tx, id, groupIds);
    const after = (await findClient(tx, id)) as Client;
    if (after.firstName !== before.firstName || after.lastName !== before.lastName)
      await publishAccount(tx, id, 'account.updated', ctx.clock.now());
    return after;
  });
