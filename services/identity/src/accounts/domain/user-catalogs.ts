import { badText } from '@nefos/contracts';
import type { IdentityRequest } from '../../ctx.js';
import { pageOfNames, usernamesOf, uuidsOf } from '../store/accounts.js';
import { isUuid } from '../../access/domain/uuids.js';
import { tooMany } from '../../access/domain/errors.js';

export interface CatalogsWish {
  displaynames?: readonly string[] | null | undefined;
  uuids?: readonly string[] | null | undefined;
}
export interface Catalogs {
  byName: Record<string, string>;
  byUuid: Record<string, string>;
}
const PAGE = 5000;
const CHUNK = 5000;
const chunks = <T>(list: readonly T[]): T[][] =>
  Array.from({ length: Math.ceil(list.length / CHUNK) }, (_, i) => list.slice(i * CHUNK, (i + 1) * CHUNK));
const table = (): Record<string, string> => Object.create(null) as Record<string, string>;

const everybody = async (
  ctx: IdentityRequest,
  take: (one: { uuid: string; username: string }) => void,
): Promise<void> => {
  for (let after = 0; ;) {
    const page = await pageOfNames(ctx.db, after, PAGE);
    page.forEach(take);
    if (page.length < PAGE) return;
    after = page.at(-1)?.id ?? 0;
  }
};
/** Names in any case; the answer's key is the caller's spelling. Users in any state are found, the unknown are left out (contract identity §5.5). */
const translate = async (ctx: IdentityRequest, { displaynames, uuids }: CatalogsWish): Promise<Catalogs> => {
  const byName = table();
  const byUuid = table();
  if (displaynames === null)
    await everybody(ctx, (one) => {
      byName[one.username] = one.uuid;
    });
  else
    for (const part of chunks([...new Set(displaynames ?? [])].filter((name) => badText(name) === undefined))) {
      const found = new Map(
        (
          await uuidsOf(
            ctx.db,
            part.map((name) => name.toLowerCase()),
          )
        ).map((one) => [one.username, one.uuid]),
      );
      for (const name of part) {
        const uuid = found.get(name.toLowerCase());
        if (uuid) byName[name] = uuid;
      }
    }
  if (uuids === null)
    await everybody(ctx, (one) => {
      byUuid[one.uuid] = one.username;
    });
  else
    for (const part of chunks([...new Set(uuids ?? [])].filter(isUuid)))
      for (const one of await usernamesOf(ctx.db, part)) byUuid[one.uuid] = one.username;
  return { byName, byUuid };
};
/** For a user: so many calls a minute, and null is nobody. @throws too_many */
export const catalogsForUser = async (
  ctx: IdentityRequest,
  { displaynames, uuids }: CatalogsWish,
): Promise<Catalogs> => {
  const wait = await ctx.limits.catalogs.count(ctx.principal?.uuid ?? '');
  if (wait !== null) throw tooMany(wait);
  return translate(ctx, { displaynames: displaynames ?? [], uuids: uuids ?? [] });
};
/** For a service: null is everybody. */
export const catalogsForService = translate;
