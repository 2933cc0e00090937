import { prepared, type Queryable } from '@nefos/service-kit';

export const listAddresses = (q: Queryable, nodeUuid: string): Promise<{ address: string }[]> =>
  prepared<{ address: string }>(
    q,
    'select address from port where node_uuid = $1 order by pxe_enabled desc, id limit 16',
    [nodeUuid],
  );
