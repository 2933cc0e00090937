import { randomUUID } from 'node:crypto';
import { sql } from '@nefos/service-kit';
import { useCloud, type Cloud } from '../cloud-support.js';

export const BASE = '/staffapi/openstack';
let serial = 0;
export const unique = (): string => `made-${(serial += 1)}`;
type Body = Record<string, unknown>;

export interface Catalog extends Cloud {
  /** Makes one as staff. @returns the answer's body */
  make(what: string, body: object): Promise<Body & { id: string }>;
  /** Asks as staff for what is refused. @returns the answer's body */
  refused(what: string, body: object, status?: number): Promise<unknown>;
  region(more?: object): Promise<string>;
  flavor(region: string, more?: object): Promise<string>;
  network(region: string, more?: object): Promise<string>;
  /** A region with all that an instance needs, and the body that makes one there. */
  filled(): Promise<{ region: string; flavor: string; network: string; image: string; subnet: string }>;
  projectOf(client: number): Promise<string>;
}
/** The service with the fixture, and with what staff make beside it. */
export const useCatalog = (): Catalog => {
  const cloud = useCloud() as Catalog;
  const { service } = cloud;
  cloud.make = async (what, body) => {
    const res = await service.staff.post(`${BASE}/${what}`, body);
    if (res.status !== 201) throw new Error(`${what}: ${res.status} ${res.text}`);
    return res.body as Body & { id: string };
  };
  cloud.refused = async (what, body, status = 400) =>
    (await service.staff.post(`${BASE}/${what}`, body).expect(status)).body as unknown;
  cloud.region = async (more = {}) => (await cloud.make('regions', { id: unique(), ...more })).id;
  cloud.flavor = async (region, more = {}) =>
    (await cloud.make('flavors', { region, name: unique(), vcpus: 1, memory_mb: 128, root_gb: 1, ...more })).id;
  cloud.network = async (region, more = {}) =>
    (await cloud.make('networks', { region, name: unique(), shared: true, ...more })).id;
  cloud.filled = async () => {
    const region = await cloud.region();
    const [flavor, network, image] = [await cloud.flavor(region), await cloud.network(region), randomUUID()];
    const { id: subnet } = await cloud.make('subnets', { network_id: network, cidr: '10.1.0.0/24' });
    await sql(service.db, 'insert into image (id, region_id, name) values ($1, $2, $3)', [image, region, unique()]);
    return { region, flavor, network, image, subnet };
  };
  cloud.projectOf = async (client) =>
    (
      await sql<{ id: string }>(
        service.db,
        'select p.id from project p join service s on s.id = p.service_id where s.client_id = $1',
        [client],
      )
    )[0]?.id as string;
  return cloud;
};
/** The body of an instance made of these. */
export const madeOf = ({
  region,
  flavor,
  network,
  image,
}: Record<'region' | 'flavor' | 'network' | 'image', string>) => ({
  region,
  flavor,
  nics: [network],
  boot_source: { source_type: 'image', source_id: image },
});
