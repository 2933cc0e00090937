import { randomBytes } from 'node:crypto';
import { run, type Tx } from '@nefos/service-kit';

interface SeedClient {
  id: number;
  first_name: string;
  last_name: string;
  company: string | null;
  email: string;
  phone: string;
  city: string;
  state: string;
  country: string;
  vat_id: string | null;
  created_at: string;
  credit: string;
}
/** The clients of the seed document (contract compute §15.1), letter for letter where it shows them. */
const CLIENTS: readonly SeedClient[] = [
  {
    id: 322208,
    first_name: 'Demo2',
    last_name: 'Demo2',
    company: 'My Co',
    email: 'demo2@demo2.com',
    phone: '453453456t56',
    city: 'vsdfvg',
    state: 'sadfvgsd',
    country: 'DE',
    vat_id: 'DE9090909090',
    created_at: '2019-11-21T16:43:25.073366+02:00',
    credit: '0',
  },
  {
    id: 765823,
    first_name: 'Emil232663',
    last_name: 'Test',
    company: 'Die Firma GmbH',
    email: 'emil232663@duhan.com',
    phone: '0267123456',
    city: 'Cluj-Napoca',
    state: 'Cluj',
    country: 'CH',
    vat_id: 'CHE-909.222.212',
    created_at: '2019-09-13T11:30:41.443349+03:00',
    credit: '100',
  },
  {
    id: 599151,
    first_name: 'Demo',
    last_name: 'Demo',
    company: null,
    email: 'demo@fleiobogustest.com',
    phone: '89898989',
    city: 'jhjh',
    state: 'ujhjhjh',
    country: 'RO',
    vat_id: null,
    created_at: '2019-06-06T11:27:06.543770+03:00',
    credit: '13674',
  },
];
/** Each with an active OpenStack service and its project. */
export const insertSeedClients = async (tx: Tx): Promise<void> => {
  for (const c of CLIENTS) {
    const made = await run(
      tx,
      `insert into client (id, first_name, last_name, company, email, address1, city, state, country, zip_code, phone, vat_id, currency, configuration_id, created_at)
      select $1, $2, $3, $4, $5, '1 Example Street', $6, $7, $8, '10000', $9, $10, 'EUR', id, $11 from configuration where is_default on conflict (id) do nothing`,
      [
        c.id,
        c.first_name,
        c.last_name,
        c.company,
        c.email,
        c.city,
        c.state,
        c.country,
        c.phone,
        c.vat_id,
        c.created_at,
      ],
    );
    if (!made) continue;
    await run(tx, `insert into client_credit (client_id, currency, amount) values ($1, 'EUR', $2)`, [c.id, c.credit]);
    await run(
      tx,
      `with s as (insert into service (client_id, product_id, product_cycle_id, product_type, display_name, status, created_at, activated_at)
      select $1, p.id, y.id, p.product_type, p.name, 'active', $2, $2 from product p join product_cycle y on y.product_id = p.id and y.currency = 'EUR' where p.code = 'openstack' returning id)
      insert into project (id, service_id, name) select $3, id, $4 from s`,
      [c.id, c.created_at, randomBytes(16).toString('hex'), `client-${c.id}`],
    );
  }
};
