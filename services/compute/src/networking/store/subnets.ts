import { columns, prepared, sql, type Queryable, type Tx } from '@nefos/service-kit';
import { subnets, type Subnet } from '../../catalog/tables.js';

/** A subnet as addresses are taken of it. */
export type AddressSubnet = Pick<Subnet, 'id' | 'networkId' | 'cidr' | 'gatewayIp' | 'allocationPools'>;
/** Subnets of these networks, those of IPv4 first, then by their addresses. SQL: the operator of networks. */
export const listSubnetsOf = (q: Queryable, networkIds: readonly string[]): Promise<AddressSubnet[]> =>
  prepared<AddressSubnet>(
    q,
    `select ${columns(subnets, 's', ['id', 'networkId', 'cidr', 'gatewayIp', 'allocationPools'])}
    from subnet s where s.network_id = any($1::uuid[]) order by family(s.cidr), s.cidr, s.id`,
    [networkIds],
  );
/** It is not deleted while the transaction lasts. SQL: locks. */
export const shareLockSubnet = async (tx: Tx, id: string): Promise<AddressSubnet | undefined> =>
  (
    await sql<AddressSubnet>(
      tx,
      `select ${columns(subnets, 's', ['id', 'networkId', 'cidr', 'gatewayIp', 'allocationPools'])}
      from subnet s where s.id = $1 for key share`,
      [id],
    )
  )[0];
