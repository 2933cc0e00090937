import { invalid, type Tx } from '@nefos/service-kit';
import { invalidValue, refusal, unknownKey } from '../../refusals.js';
import { recordPosition } from '../store/addresses.js';
import type { ShownPort } from '../store/ports.js';
import { listSubnetsOf } from '../store/subnets.js';
import { takeAddress } from './machine-ports.js';

/** As Neutron's own default: nobody empties a network that all share. */
export const MAX_ADDRESSES = 5;
/**
 * Takes one more address for a port, of the subnet or the one that is named.
 * @returns it
 * @throws Fault invalid, conflict/address.too_many
 */
export const takeNewAddress = async (
  tx: Tx,
  port: ShownPort,
  { subnet, fixedIp }: { subnet: string | null; fixedIp: string | null },
): Promise<string> => {
  if (port.addresses.length >= MAX_ADDRESSES) throw refusal('conflict', 'address.too_many', { max: MAX_ADDRESSES });
  const all = await listSubnetsOf(tx, [port.networkId]);
  const of = subnet === null ? all : all.filter(({ id }) => id === subnet);
  if (subnet !== null && !of.length) throw invalid([unknownKey(['subnet'], subnet)]);
  const wanted = { networkId: port.networkId, portId: port.id, fixedIp };
  const taken = await takeAddress(tx, wanted, of, (field) => [field ?? 'port']);
  if (taken === null) throw invalidValue(['port'], 'address.none_left', { network: port.networkId });
  await recordPosition(tx, port.id, taken, port.addresses.length);
  return taken;
};
