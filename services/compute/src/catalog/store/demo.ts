import { em, run, type AnyTable, type Db, type NewRow } from '@nefos/service-kit';
import { flavorGroups, flavors, images, networks, regions, subnets } from '../tables.js';

const FLAVOR = 'fd6ebb42-f305-4eb7-b086-fcce39bc761f';
const IMAGE = 'b8e54aa5-eca9-454a-adaf-00fbc659755e';
const NETWORK = 'd9f9ca07-3ce5-435e-8aa2-a7302697025d';
const SUBNET = '6a1f0c52-1d6f-4b3e-8f0b-0c6f6f3f4a11';
const REGION = 'Region1';

/**
 * Region, flavor, image and network of the golden fixture (contract compute §15.1). Rows that are there stay as they
 * are.
 */
export const loadCloudFixture = async (db: Db): Promise<void> => {
  const add = <T extends AnyTable>(table: T, row: NewRow<T>) =>
    em(db).createQueryBuilder().insert().into(table).values(row).orIgnore().execute();
  await add(regions, { id: REGION });
  await add(flavorGroups, { id: 1, name: 'Local storage', priority: 10 });
  // The id was given: the next generated one has to be above it.
  await run(
    db,
    `select setval(pg_get_serial_sequence('flavor_group', 'id'), greatest((select max(id) from flavor_group),
      nextval(pg_get_serial_sequence('flavor_group', 'id')) - 1))`,
  );
  await add(flavors, {
    id: FLAVOR,
    regionId: REGION,
    flavorGroupId: 1,
    name: 'm1.tiny',
    vcpus: 1,
    memoryMb: 256,
    rootGb: 1,
  });
  await add(images, {
    id: IMAGE,
    regionId: REGION,
    name: 'cirros',
    size: '16300544',
    diskFormat: 'qcow2',
    containerFormat: 'bare',
    minDisk: 1,
  });
  await add(networks, { id: NETWORK, regionId: REGION, name: 'private', shared: true, isDefault: true });
  await add(subnets, {
    id: SUBNET,
    networkId: NETWORK,
    name: 'private-subnet',
    cidr: '192.168.40.0/21',
    gatewayIp: '192.168.40.1',
  });
};
