import { NETWORK, useCloud, type Cloud } from '../cloud-support.js';
import type { As } from '../support.js';

export const BASE = '/staffapi/openstack';
export const OWN = '/api/openstack';
let serial = 0;
export const unique = (word: string): string => `${word}-${(serial += 1)}`;

export interface Net extends Cloud {
  /** A network outside with room for some floating IPs. */
  external(cidr?: string): Promise<string>;
  /** A shared network of the provider. */
  shared(cidr: string, more?: object): Promise<{ network: string; subnet: string }>;
  made<T = { id: string }>(as: As, path: string, body: object): Promise<T>;
  read<T>(as: As, path: string): Promise<T>;
  detail(
    id: string,
  ): Promise<{
    addresses: Record<string, { addr: string; type: string; mac: string }[]>;
    security_groups: { id: string; name: string }[];
    access_ip: string | null;
  }>;
}
export const useNet = (): Net => {
  const cloud = useCloud() as Net;
  cloud.made = async <T>(as: As, path: string, body: object) => {
    const res = await as.post(path, body);
    if (res.status !== 201) throw new Error(`${path} ${res.status} ${res.text}`);
    return res.body as T;
  };
  cloud.read = async <T>(as: As, path: string) => (await as.get(path).expect(200)).body as T;
  cloud.shared = async (cidr, more = {}) => {
    const staff = cloud.service.staff;
    const { id: network } = await cloud.made(staff, `${BASE}/networks`, {
      region: 'Region1',
      name: unique('net'),
      shared: true,
      ...more,
    });
    const { id: subnet } = await cloud.made(staff, `${BASE}/subnets`, { network_id: network, cidr });
    return { network, subnet };
  };
  cloud.external = async (cidr = '203.0.113.0/24') => (await cloud.shared(cidr, { router_external: true })).network;
  cloud.detail = (id) => cloud.read(cloud.service.staff, `${BASE}/instances/${id}`);
  return cloud;
};
export { NETWORK };
