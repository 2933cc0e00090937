import { badText } from '@nefos/contracts';
import { tooMany } from '../../access/domain/errors.js';
import { isUuid } from '../../access/domain/uuids.js';
import type { IdentityRequest } from '../../ctx.js';
import { listNames, listNamesByUsername, listNamesByUuid } from '../store/names.js';

/** Which names and uuids to translate; null: those of all users. */
export interface CatalogsRequest {
  displaynames?: readonly string[] | null | undefined;
  uuids?: readonly string[] | null | undefined;
}
export interface Catalogs {
  byName: Record<string, string>;
  byUuid: Record<string, string>;
}
/** How many rows one statement reads. */
const CHUNK = 5000;
const chunksOf = <T>(list: readonly T[]): T[][] =>
  Array.from({ length: Math.ceil(list.length / CHUNK) }, (_, i) => list.slice(i * CHUNK, (i + 1) * CHUNK));
/** Without a prototype: any name may be a key. */
const emptyCatalog = (): Record<string, string> => Object.create(null) as Record<string, string>;

const forEveryUser = async (
  ctx: IdentityRequest,
  visit: (user: { uuid: string; username: string }) => void,
): Promise<void> => {
  for (let afterId = 0; ;) {
    const page = await listNames(ctx.db, { afterId, limit: CHUNK });
    page.forEach(visit);
    if (page.length < CHUNK) return;
    afterId = page.at(-1)?.id ?? 0;
  }
};
const uuidsByName = async (ctx: IdentityRequest, names: readonly string[] | null): Promise<Record<string, string>> => {
  const catalog = emptyCatalog();
  if (names === null)
    await forEveryUser(ctx, ({ username, uuid }) => {
      catalog[username] = uuid;
    });
  else
    for (const chunk of chunksOf([...new Set(names)].filter((name) => badText(name) === undefined))) {
      const usernames = chunk.map((name) => name.toLowerCase());
      const users = await listNamesByUsername(ctx.db, usernames);
      const uuids = new Map(users.map((user) => [user.username, user.uuid]));
      for (const name of chunk) {
        const uuid = uuids.get(name.toLowerCase());
        if (uuid) catalog[name] = uuid;
      }
    }
  return catalog;
};
const namesByUuid = async (ctx: IdentityRequest, uuids: readonly string[] | null): Promise<Record<string, string>> => {
  const catalog = emptyCatalog();
  if (uuids === null)
    await forEveryUser(ctx, ({ username, uuid }) => {
      catalog[uuid] = username;
    });
  else
    for (const chunk of chunksOf([...new Set(uuids)].filter(isUuid)))
      for (const { username, uuid } of await listNamesByUuid(ctx.db, chunk)) catalog[uuid] = username;
  return catalog;
};
/**
 * For a service. Names are found in any case, and the answer repeats the caller's spelling. Users in any state are
 * found; unknown ones are left out (contract identity §5.5).
 */
export const catalogsForService = async (
  ctx: IdentityRequest,
  { displaynames = [], uuids = [] }: CatalogsRequest,
): Promise<Catalogs> => ({ byName: await uuidsByName(ctx, displaynames), byUuid: await namesByUuid(ctx, uuids) });
/** For a user: a limited number of calls a minute, and null is an empty list. @throws too_many */
export const catalogsForUser = async (
  ctx: IdentityRequest,
  { displaynames, uuids }: CatalogsRequest,
): Promise<Catalogs> => {
  const waitSeconds = await ctx.limits.catalogs.count(ctx.principal?.uuid ?? '');
  if (waitSeconds !== null) throw tooMany(waitSeconds);
  return catalogsForService(ctx, { displaynames: displaynames ?? [], uuids: uuids ?? [] });
};
