import type { ComputeRequest } from '../ctx.js';
import { listFlavorGroups, listFlavors, listNetworks, listSubnets } from '../catalog/domain/catalog.js';
import { listImages } from '../catalog/domain/images.js';
import type { Page } from '../lists/list-plan.js';
import type { Query } from '../lists/list-query.js';
import { UUID } from '../lists/uuid.js';

/**
 * Finds the id of a thing that the operator names by its id or, when it is the only one of this name, by its name.
 * @throws Error there is none, or more than one
 */
const finder =
  <T>(thing: string, list: (ctx: ComputeRequest, query: Query) => Promise<Page<T>>, id: (row: T) => string | number) =>
  async (ctx: ComputeRequest, word: string): Promise<string> => {
    if (UUID.test(word)) return word;
    const { rows } = await list(ctx, { filtering: `name:${word}`, page_size: '2' });
    const [only] = rows;
    if (only !== undefined && rows.length === 1) return String(id(only));
    throw new Error(only ? `there is more than one ${thing} ${word}: give its id` : `there is no ${thing} ${word}`);
  };
export const flavorNamed = finder('flavor', listFlavors, (row) => row.flavorId);
export const networkNamed = finder('network', listNetworks, (row) => row.id);
export const subnetNamed = finder('subnet', listSubnets, (row) => row.id);
export const imageNamed = finder('image', listImages, (row) => row.id);
const groupByName = finder('flavor group', listFlavorGroups, (row) => row.id);
export const groupNamed = (ctx: ComputeRequest, word: string): Promise<string> =>
  /^\d{1,9}$/.test(word) ? Promise.resolve(word) : groupByName(ctx, word);
