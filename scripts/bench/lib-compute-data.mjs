// @ts-check
// Rows for the benchmark of compute: a region, clients, and their running instances.
import { randomUUID } from 'node:crypto';
import { withClient } from './lib-service.mjs';

export const FLAVOR = randomUUID();
export const IMAGE = randomUUID();
export const NETWORK = randomUUID();
export const FIRST_CLIENT = 100_000;
/** Instances of each usual client. */
export const EACH = 20;
/** How many usual clients have so many instances. @param {number} instances */
export const clientsOf = (instances) => Math.max(10, instances / EACH);
/** The client that has very many instances. */
export const OWNER_OF_MANY = 99_999;

/** @param {import('pg').Client} db */
const insertCatalog = async (db) => {
  await db.query(`insert into region (id) values ('Bench')`);
  await db.query(
    `insert into flavor (id, region_id, name, vcpus, memory_mb, root_gb)
     values ($1, 'Bench', 'm1.bench', 1, 64, 1)`,
    [FLAVOR],
  );
  await db.query(`insert into image (id, region_id, name) values ($1, 'Bench', 'bench')`, [IMAGE]);
  await db.query(`insert into network (id, region_id, name, shared) values ($1, 'Bench', 'bench', true)`, [NETWORK]);
  await db.query(
    `insert into subnet (id, network_id, name, cidr) values (gen_random_uuid(), $1, 'bench', '10.0.0.0/18')`,
    [NETWORK],
  );
};
/**
 * Each client with the service and the project that instances belong to.
 * @param {import('pg').Client} db @param {number} clients
 */
const insertClients = async (db, clients) => {
  await db.query(
    `insert into client (id, first_name, last_name, email, address1, city, country, zip_code, phone, currency,
       configuration_id)
     select n, 'Client', n::text, 'x@example.com', 'x', 'x', 'US', '1', '1', 'EUR', f.id
     from configuration f, (select generate_series($1::int, $2::int) n union select $3) c where f.is_default`,
    [FIRST_CLIENT, FIRST_CLIENT + clients - 1, OWNER_OF_MANY],
  );
  await db.query(
    `with s as (
       insert into service (client_id, product_id, product_cycle_id, product_type, display_name, status, activated_at)
       select c.id, p.id, y.id, p.product_type, p.name, 'active', now()
       from client c, product p join product_cycle y on y.product_id = p.id and y.currency = 'EUR'
       where p.code = 'openstack' returning id, client_id)
     insert into project (id, service_id, name) select md5(client_id::text), id, 'bench' from s`,
  );
};
/** @param {import('pg').Client} db @param {number} count @param {string} client SQL of the owner of instance `n` */
const insertInstances = (db, count, client) =>
  db.query(
    `insert into instance (id, client_id, project_id, region_id, flavor_id, image_id, networks, name, vm_state,
       power_state, metered_on, launched_at, created_at, access_ip, host_name)
     select gen_random_uuid(), c, md5(c::text), 'Bench', $1, $2, array[$3::uuid], 'bench-' || n, 'active',
       1, true, now(), now() - n * interval '1 s', '10.0.0.1', 'bench'
     from (select n, ${client} c from generate_series(0, $4::int - 1) n) x`,
    [FLAVOR, IMAGE, NETWORK, count],
  );

/**
 * Fills a migrated database.
 * @param {string} url @param {number} instances running ones, twenty of each client
 * @param {number} [many] instances of one client more
 */
export const load = (url, instances, many) =>
  withClient(url, async (db) => {
    const clients = clientsOf(instances);
    await insertCatalog(db);
    await insertClients(db, clients);
    await insertInstances(db, instances, `${FIRST_CLIENT} + n % ${clients}`);
    if (many) await insertInstances(db, many, String(OWNER_OF_MANY));
    await db.query('vacuum analyze');
  });

/** A machine at the simulator for each instance. @param {string} url */
export const loadMachines = (url) =>
  withClient(url, async (db) => {
    await db.query(
      `insert into sim_machine (portal_id, backend_id, region, name, host, vcpus, memory_mb, addresses,
         power_state, boots)
       select id, gen_random_uuid(), region_id, name, 'bench', 1, 64, '[]', 1, 1 from instance`,
    );
    await db.query('vacuum analyze sim_machine');
  });
