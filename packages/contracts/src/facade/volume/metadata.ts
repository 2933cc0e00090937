import { z } from 'zod';
import { contractIn } from '../../endpoint.js';
import { idParams } from '../fields.js';
import { itemParams, metadata, user, V } from './fields.js';

const contract = contractIn('facade-volume');
const all = z.object({ metadata });
const sent = z.strictObject({ metadata });

/** Words with values, of volumes and of snapshots. */
const of = <const Things extends 'volumes' | 'snapshots'>(things: Things) => {
  const path = `${V}/${things}/:id/metadata` as const;
  const item = `${path}/:key` as const;
  // `If-Match` names metadata that is not there any more (3.15).
  const stale = things === 'volumes' ? { refusals: [412] } : {};
  return {
    list: contract({
      ...user,
      method: 'get',
      path,
      status: 200,
      summary: `Metadata of ${things}`,
      params: idParams,
      response: all,
    }),
    add: contract({
      ...user,
      method: 'post',
      path,
      status: 200,
      summary: `Set some metadata of ${things}`,
      params: idParams,
      body: sent,
      response: all,
    }),
    replace: contract({
      ...user,
      ...stale,
      method: 'put',
      path,
      status: 200,
      summary: `Set all metadata of ${things}`,
      params: idParams,
      body: sent,
      response: all,
    }),
    show: contract({
      ...user,
      method: 'get',
      path: item,
      status: 200,
      summary: `One value of the metadata of ${things}`,
      params: itemParams,
      response: z.object({ meta: metadata }),
    }),
    set: contract({
      ...user,
      ...stale,
      method: 'put',
      path: item,
      status: 200,
      summary: `Set one value of the metadata of ${things}`,
      params: itemParams,
      body: z.strictObject({ meta: metadata }),
      response: z.object({ meta: metadata }),
    }),
    remove: contract({
      ...user,
      method: 'delete',
      path: item,
      status: 200,
      summary: `Remove one value of the metadata of ${things}`,
      params: itemParams,
    }),
  };
};
export const volumeMetadata = of('volumes');
export const snapshotMetadata = of('snapshots');
