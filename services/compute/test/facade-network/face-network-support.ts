import { sql } from '@nefos/service-kit';
import type { FaceAs, FaceCallers } from '../facade/face-support.js';
import type { Service } from '../support.js';

export const V = '/network/v2.0';
export type Thing = Record<string, unknown> & { id: string };
export const SINGULAR: Readonly<Record<string, string>> = {
  networks: 'network',
  subnets: 'subnet',
  ports: 'port',
  routers: 'router',
  floatingips: 'floatingip',
  'security-groups': 'security_group',
  'security-group-rules': 'security_group_rule',
};
/** Things of the network API, made by the end user unless somebody else is named. */
export interface FaceNetwork {
  make(path: string, attributes: object, as?: FaceAs): Promise<Thing>;
  list(path: string, query?: string, as?: FaceAs): Promise<Thing[]>;
  get(path: string, id: string, as?: FaceAs): Promise<Thing>;
  /** The refusal of a create. */
  refused(path: string, attributes: object, status: number, as?: FaceAs): Promise<{ type: string; message: string }>;
  unique(): string;
  /** A network with a subnet of its own; `range` begins its addresses, as in `10.9.7`. */
  net(): Promise<{ network: string; subnet: string; range: string }>;
  /** An external network of the provider, with a subnet. */
  outside(): Promise<{ network: string; subnet: string }>;
}
export interface NeutronFault {
  NeutronError: { type: string; message: string; detail: string };
}

/** Room for everything that tests make. */
export const raiseQuotas = ({ db }: Service): Promise<unknown> =>
  sql(
    db,
    `update project set quota_limits = '{"network": 900, "subnet": 900, "port": 900, "router": 900, "floatingip": 900,
      "security_group": 900, "security_group_rule": 5000}'`,
  );
export const useNetwork = (service: Service, face: FaceCallers): FaceNetwork => {
  beforeAll(() => raiseQuotas(service));
  let serial = 0;
  const next = (): number => (serial += 1);
  const it: FaceNetwork = {
    make: async (path, attributes, as = face.user) => {
      const name = SINGULAR[path] as string;
      const res = await as.post(`${V}/${path}`, { [name]: attributes });
      if (res.status !== 201) throw new Error(`${res.status} ${res.text}`);
      return (res.body as Record<string, Thing>)[name] as Thing;
    },
    list: async (path, query = '', as = face.user) =>
      Object.values((await as.get(`${V}/${path}${query}`).expect(200)).body as Record<string, Thing[]>)[0] as Thing[],
    get: async (path, id, as = face.user) =>
      Object.values((await as.get(`${V}/${path}/${id}`).expect(200)).body as Record<string, Thing>)[0] as Thing,
    refused: async (path, attributes, status, as = face.user) => {
      const res = await as.post(`${V}/${path}`, { [SINGULAR[path] as string]: attributes });
      expect({ status: res.status, body: res.text }).toEqual({ status, body: res.text });
      return (res.body as NeutronFault).NeutronError;
    },
    unique: () => `thing-${next()}`,
    net: async () => {
      const { id: network } = await it.make('networks', { name: it.unique() });
      const range = `10.9.${next() % 250}`;
      const { id: subnet } = await it.make('subnets', { network_id: network, cidr: `${range}.0/24`, ip_version: 4 });
      return { network, subnet, range };
    },
    outside: async () => {
      const { id: network } = await it.make('networks', { name: it.unique(), 'router:external': true }, face.staff);
      const cidr = `203.0.${next() % 250}.0/24`;
      const { id: subnet } = await it.make('subnets', { network_id: network, cidr }, face.staff);
      return { network, subnet };
    },
  };
  return it;
};
