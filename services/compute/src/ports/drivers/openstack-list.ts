import { LRUCache } from 'lru-cache';
import type { InstanceView } from '../driver.js';
import { hasCode } from './openstack-errors.js';
import { isLeaving, portalIdOf, viewOf, type Server } from './openstack-servers.js';
import type { Session } from './openstack-session.js';

/** Nova's own bound of a page, unless its operator lowers it. */
const LARGEST_PAGE = 1000;
/** Ids of a page that are remembered. */
const REMEMBERED = 20;
interface Page {
  servers: Server[];
  servers_links?: { rel: string }[];
}

/**
 * Pages over all servers of the portal, in the order in which they were made; servers of others are passed over, and
 * those that are being deleted. Nova pages by the id of a server that is still there: of each page several are
 * remembered, since the portal may destroy the last ones before it asks for the next page.
 * @param remove deletes a second server of one instance, which a create made whose answer was lost
 */
export const createLister = ({ call }: Session, remove: (server: Server) => Promise<void>) => {
  /** Portal id of the last of a page to the cloud's servers up to it, the last first. */
  const markers = new LRUCache<string, readonly Server[]>({ max: 200 });
  const page = async (marker: string | undefined, limit: number): Promise<Page> =>
    (
      await call<Page>({
        service: 'compute',
        method: 'GET',
        path: '/servers/detail',
        query: {
          all_tenants: 1,
          sort_key: 'created_at',
          sort_dir: 'asc',
          limit,
          ...(marker !== undefined && { marker }),
        },
      })
    ).body;
  /** The page behind the first of these that is still there; behind none of them: the first page. */
  const pageBehind = async (candidates: readonly Server[], limit: number): Promise<Page> => {
    for (const { id: marker } of candidates)
      try {
        return await page(marker, limit);
      } catch (err) {
        if (!hasCode(err, 'INVALID_REQUEST') && !hasCode(err, 'NOT_FOUND')) throw err;
      }
    return page(undefined, limit);
  };
  return async ({ after, limit }: { after: string | null; limit: number }): Promise<InstanceView[]> => {
    let seen = after === null ? [] : (markers.get(after) ?? []);
    const views: InstanceView[] = [];
    for (;;) {
      let isNew = false;
      const { servers, servers_links: links = [] } = await pageBehind(seen, Math.min(LARGEST_PAGE, limit));
      for (const server of servers) {
        const again = seen.some(({ id }) => id === server.id);
        isNew ||= !again;
        const portalId = portalIdOf(server);
        const first = seen.find((one) => one.id !== server.id && portalIdOf(one) === portalId);
        seen = [server, ...seen.filter(({ id }) => id !== server.id)].slice(0, REMEMBERED);
        if (again || portalId === undefined || isLeaving(server)) continue;
        if (first && !isLeaving(first) && first.created < server.created) {
          await remove(server);
          continue;
        }
        views.push(viewOf(server, portalId));
        if (views.length === limit) {
          markers.set(portalId, seen);
          return views;
        }
      }
      // A cloud that links a next page and has nothing on it would be asked for ever.
      if (!isNew || !links.some(({ rel }) => rel === 'next')) return views;
    }
  };
};
