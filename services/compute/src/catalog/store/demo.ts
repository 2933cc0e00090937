import { run, type Db } from '@nefos/service-kit';

/** Region, flavor, image and network of the golden fixture (contract compute §15.1); changes nothing that is there. */
export const loadCloudFixture = async (db: Db): Promise<void> => {
  const [flavor, image, network, subnet] = [
    'fd6ebb42-f305-4eb7-b086-fcce39bc761f',
    'b8e54aa5-eca9-454a-adaf-00fbc659755e',
    'd9f9ca07-3ce5-435e-8aa2-a7302697025d',
    '6a1f0c52-1d6f-4b3e-8f0b-0c6f6f3f4a11',
  ];
  await run(db, `insert into region (id) values ('Region1') on conflict do nothing`);
  await run(db, `insert into flavor_group (id, name, priority) values (1, 'Local storage', 10) on conflict do nothing`);
  await run(
    db,
    `select setval(pg_get_serial_sequence('flavor_group', 'id'), greatest((select max(id) from flavor_group), nextval(pg_get_serial_sequence('flavor_group', 'id')) - 1))`,
  );
  await run(
    db,
    `insert into flavor (id, region_id, flavor_group_id, name, vcpus, memory_mb, root_gb) values ($1, 'Region1', 1, 'm1.tiny', 1, 256, 1) on conflict do nothing`,
    [flavor],
  );
  await run(
    db,
    `insert into image (id, region_id, name, size, disk_format, container_format, min_disk) values ($1, 'Region1', 'cirros', 16300544, 'qcow2', 'bare', 1) on conflict do nothing`,
    [image],
  );
  await run(
    db,
    `insert into network (id, region_id, name, shared, is_default) values ($1, 'Region1', 'private', true, true) on conflict do nothing`,
    [network],
  );
  await run(
    db,
    `insert into subnet (id, network_id, name, cidr, gateway_ip) values ($1, $2, 'private-subnet', '192.168.40.0/21', '192.168.40.1') on conflict do nothing`,
    [subnet, network],
  );
};
