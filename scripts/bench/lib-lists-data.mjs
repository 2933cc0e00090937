// @ts-check
// Rows of the long lists beside instances: images, volumes, ports and floating IPs, and the end user who sees the first
// client's. As many of each as there are instances.
import { clientsOf, FIRST_CLIENT, NETWORK } from './lib-compute-data.mjs';
import { withClient } from './lib-service.mjs';

/** Row `n` is of client `c`; the parameters are the numbers of rows and of clients. */
const ROWS = `(select n, ${FIRST_CLIENT} + n % $2::int c from generate_series(0, $1::int - 1) n) x`;
const CREATED = `now() - n * interval '1 s'`;

/** A hundred are public, the others are snapshots of clients' projects. */
const IMAGES = `insert into image (id, region_id, project_id, name, visibility, type, created_at)
  select gen_random_uuid(), 'Bench', case when n >= 100 then md5(c::text) end, 'bench-' || n,
    case when n < 100 then 'public' else 'private' end, case when n < 100 then 'template' else 'snapshot' end,
    ${CREATED}
  from ${ROWS}`;
const VOLUMES = `insert into volume (id, client_id, project_id, region_id, type_id, name, size_gb, status, created_at)
  select gen_random_uuid(), c, md5(c::text), 'Bench', t.id, 'bench-' || n, 1 + n % 100,
    case when n % 2 = 0 then 'in-use' else 'available' end, ${CREATED}
  from ${ROWS} join (select id, row_number() over (order by name) - 1 place from volume_type) t on t.place = n % 2`;
/** Every second volume is an instance's. */
const ATTACHMENTS = `insert into volume_attachment (id, volume_id, instance_id, device, state)
  select gen_random_uuid(), v.id, i.id, '/dev/vdb', 'attached'
  from (select id, row_number() over () place from volume where status = 'in-use') v
    join (select id, row_number() over () place from instance) i using (place)`;
/** Each instance has one, with an address in 10/8. */
const PORTS = `insert into port (id, network_id, project_id, region_id, name, mac_address, instance_id, status,
    created_at)
  select gen_random_uuid(), $1::uuid, project_id, region_id, name,
    'fa:16:3e' || regexp_replace(lpad(to_hex(row_number() over ()), 6, '0'), '(..)', ':\\1', 'g'), id, 'ACTIVE',
    created_at
  from instance`;
const ADDRESSES = `insert into network_address (network_id, address, port_id)
  select network_id, '10.64.0.0'::inet + row_number() over (), id from port`;
/** Every second one leads to a port. */
const FLOATING_IPS = `insert into floating_ip (id, network_id, project_id, region_id, address, port_id, fixed_address,
    status, created_at)
  select gen_random_uuid(), a.network_id, p.project_id, p.region_id, a.address + 16777216,
    case when n % 2 = 0 then p.id end, case when n % 2 = 0 then a.address end,
    case when n % 2 = 0 then 'ACTIVE' else 'DOWN' end, p.created_at
  from (select p.*, row_number() over () n from port p) p join network_address a on a.port_id = p.id`;

/**
 * After `load`.
 * @param {string} url @param {number} count of each @param {string} owner uuid of the end user
 */
export const loadLists = (url, count, owner) =>
  withClient(url, async (db) => {
    await db.query(IMAGES, [count, clientsOf(count)]);
    await db.query(
      `insert into volume_type (id, region_id, name) select gen_random_uuid(), 'Bench', name
       from unnest(array['fast', 'large']) name`,
    );
    await db.query(VOLUMES, [count, clientsOf(count)]);
    await db.query(ATTACHMENTS);
    await db.query(PORTS, [NETWORK]);
    await db.query(ADDRESSES);
    await db.query(FLOATING_IPS);
    await db.query(
      `insert into client_user (client_id, user_id, is_owner) select $1, id, true from portal_user where uuid = $2`,
      [FIRST_CLIENT, owner],
    );
    await db.query('vacuum analyze');
  });
