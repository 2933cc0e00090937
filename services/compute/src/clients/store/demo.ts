import { randomBytes } from 'node:crypto';
import { run, type Tx } from '@nefos/service-kit';

interface SeedClient {
  id: number;
  firstName: string;
  lastName: string;
  company: string | null;
  email: string;
  phone: string;
  city: string;
  state: string;
  country: string;
  vatId: string | null;
  createdAt: string;
  credit: string;
}
/** The clients of the seed document (contract compute §15.1), letter for letter where it shows them. */
const CLIENTS: readonly SeedClient[] = [
  {
    id: 322208,
    firstName: 'Demo2',
    lastName: 'Demo2',
    company: 'My Co',
    email: 'demo2@demo2.com',
    phone: '453453456t56',
    city: 'vsdfvg',
    state: 'sadfvgsd',
    country: 'DE',
    vatId: 'DE9090909090',
    createdAt: '2019-11-21T16:43:25.073366+02:00',
    credit: '0',
  },
  {
    id: 765823,
    firstName: 'Emil232663',
    lastName: 'Test',
    company: 'Die Firma GmbH',
    email: 'emil232663@duhan.com',
    phone: '0267123456',
    city: 'Cluj-Napoca',
    state: 'Cluj',
    country: 'CH',
    vatId: 'CHE-909.222.212',
    createdAt: '2019-09-13T11:30:41.443349+03:00',
    credit: '100',
  },
  {
    id: 599151,
    firstName: 'Demo',
    lastName: 'Demo',
    company: null,
    email: 'demo@fleiobogustest.com',
    phone: '89898989',
    city: 'jhjh',
    state: 'ujhjhjh',
    country: 'RO',
    vatId: null,
    createdAt: '2019-06-06T11:27:06.543770+03:00',
    credit: '13674',
  },
];
/**
 * Inserts the clients, each with an active OpenStack service and its project. A client who is there is not changed.
 * @returns the ids of all
 */
export const insertSeedClients = async (tx: Tx): Promise<number[]> => {
  for (const c of CLIENTS) {
    const made = await run(
      tx,
      `insert into client (id, first_name, last_name, company, email, address1, city, state, country, zip_code, phone,
        vat_id, currency, configuration_id, created_at)
      select $1, $2, $3, $4, $5, '1 Example Street', $6, $7, $8, '10000', $9, $10, 'EUR', id, $11
      from configuration where is_default on conflict (id) do nothing`,
      [c.id, c.firstName, c.lastName, c.company, c.email, c.city, c.state, c.country, c.phone, c.vatId, c.createdAt],
    );
    if (!made) continue;
    await run(tx, `insert into client_credit (client_id, currency, amount) values ($1, 'EUR', $2)`, [c.id, c.credit]);
    await run(
      tx,
      `with s as (
        insert into service (client_id, product_id, product_cycle_id, product_type, display_name, status, created_at,
          activated_at)
        select $1, p.id, y.id, p.product_type, p.name, 'active', $2, $2
        from product p join product_cycle y on y.product_id = p.id and y.currency = 'EUR'
        where p.code = 'openstack' returning id)
      insert into project (id, service_id, name) select $3, id, $4 from s`,
      [c.id, c.createdAt, randomBytes(16).toString('hex'), `client-${c.id}`],
    );
  }
  return CLIENTS.map((c) => c.id);
};
