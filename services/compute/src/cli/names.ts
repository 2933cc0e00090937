import type { ComputeRequest } from '../ctx.js';
import { listFlavorGroups, listFlavors, listNetworks, listSubnets } from '../catalog/domain/catalog.js';
import { listImages } from '../catalog/domain/images.js';
import { listInstances } from '../instances/domain/instances.js';
import type { Page } from '../lists/list-plan.js';
import { splitTerms, type Query } from '../lists/list-query.js';
import { UUID } from '../lists/uuid.js';
import { listFloatingIps } from '../networking/domain/floating-ips.js';
import { listPorts } from '../networking/domain/ports.js';
import { listRouters } from '../networking/domain/routers.js';
import { listGroups } from '../networking/domain/security-groups.js';
import { listVolumes } from '../volumes/domain/volumes.js';

/**
 * Finds the id of a thing that the operator names by its id or, when it is the only one of this name, by its name.
 * @param field the field of the list that has the name
 * @throws Error there is none, or more than one
 */
const finder =
  <T>(
    thing: string,
    list: (ctx: ComputeRequest, query: Query) => Promise<Page<T>>,
    id: (row: T) => string | number,
    field = 'name',
  ) =>
  async (ctx: ComputeRequest, word: string): Promise<string> => {
    if (UUID.test(word)) return word;
    const filtering = `${field}:${word}`;
    // Clients choose names: one such as `web region:Region1` would be read as two terms, and find what is called `web`.
    if (splitTerms(filtering).length > 1) throw new Error(`${word} can be no name here: give the ${thing}'s id`);
    const { rows } = await list(ctx, { filtering, page_size: '2' });
    const [only] = rows;
    if (only !== undefined && rows.length === 1) return String(id(only));
    throw new Error(only ? `there is more than one ${thing} ${word}: give its id` : `there is no ${thing} ${word}`);
  };
const idOf = (row: { id: string }): string => row.id;
export const flavorNamed = finder('flavor', listFlavors, (row) => row.flavorId);
export const networkNamed = finder('network', listNetworks, idOf);
export const subnetNamed = finder('subnet', listSubnets, idOf);
export const imageNamed = finder('image', listImages, idOf);
export const portNamed = finder('port', listPorts, idOf);
export const routerNamed = finder('router', listRouters, idOf);
export const securityGroupNamed = finder('security group', listGroups, idOf);
export const floatingIpNamed = finder('floating IP', listFloatingIps, idOf, 'floating_ip_address');
export const instanceNamed = finder('instance', async (ctx, query) => (await listInstances(ctx, query)).page, idOf);
export const volumeNamed = finder('volume', (ctx, query) => listVolumes(ctx, query, undefined), idOf);
const groupByName = finder('flavor group', listFlavorGroups, (row) => row.id);
export const groupNamed = (ctx: ComputeRequest, word: string): Promise<string> =>
  /^\d{1,9}$/.test(word) ? Promise.resolve(word) : groupByName(ctx, word);
/** Of what may be named, and taken away by `none`. */
export const namedOrNone = async (
  find: (ctx: ComputeRequest, word: string) => Promise<string>,
  ctx: ComputeRequest,
  word: string | undefined,
): Promise<string | null | undefined> => (word === undefined ? undefined : word === 'none' ? null : find(ctx, word));
