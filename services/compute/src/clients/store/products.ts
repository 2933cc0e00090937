import {
  boolean,
  em,
  generated,
  instant,
  integer,
  numeric,
  sql,
  table,
  text,
  withDefault,
  type Queryable,
  type Tx,
} from '@nefos/service-kit';

type Visibility = 'public' | 'private' | 'retired';
export const products = table(
  'product',
  {
    id: generated(integer()),
    name: text(),
    code: text(),
    description: withDefault(text()),
    productType: text<'generic' | 'openstack' | 'hosting' | 'domain'>(),
    status: withDefault(text<Visibility>()),
    priceModel: withDefault(text<'free' | 'fixed_and_dynamic' | 'dynamic_or_fixed'>()),
    /** Whether a new client gets it when it asks for automatic services. */
    autoOrder: withDefault(boolean()),
  },
  { primary: ['id'] },
);
/** How often and in which currency a product is paid. */
export const productCycles = table(
  'product_cycle',
  {
    id: generated(integer()),
    productId: integer(),
    cycle: text<'onetime' | 'hour' | 'day' | 'month' | 'year'>(),
    cycleMultiplier: withDefault(integer()),
    currency: text(),
    setupFee: withDefault(numeric()),
    fixedPrice: withDefault(numeric()),
    status: withDefault(text<Visibility>()),
  },
  { primary: ['id'] },
);
export const clientOrders = table(
  'client_order',
  {
    id: generated(integer()),
    clientId: integer(),
    status: text<'pending' | 'verified' | 'completed' | 'canceled' | 'fraud'>(),
    createdAt: withDefault(instant()),
  },
  { primary: ['id'] },
);

/** A product that can be ordered, in one of its cycles. */
export interface Offer {
  productId: number;
  name: string;
  productType: string;
  cycleId: number;
  cycle: string;
  cycleMultiplier: number;
  currency: string;
}
// SQL: joins of products and their cycles.
const OFFER = `p.id "productId", p.name, p.product_type "productType", y.id "cycleId", y.cycle,
  y.cycle_multiplier "cycleMultiplier", y.currency`;
/** Public OpenStack products in a currency, cycle by cycle; at most 1000. */
export const listOffers = (q: Queryable, currency: string): Promise<Offer[]> =>
  sql(
    q,
    `select ${OFFER} from product p join product_cycle y on y.product_id = p.id
    where p.product_type = 'openstack' and p.status = 'public' and y.status = 'public' and y.currency = $1
    order by p.id, y.id limit 1000`,
    [currency],
  );
/** The products that are ordered automatically, each in its cheapest public cycle of the client's currency. */
export const listAutoOrders = (q: Queryable, clientId: number): Promise<Offer[]> =>
  sql(
    q,
    `select distinct on (p.id) ${OFFER}
    from client c join product p on p.auto_order and p.status = 'public'
      join product_cycle y on y.product_id = p.id and y.currency = c.currency and y.status = 'public'
    where c.id = $1 order by p.id, y.fixed_price + y.setup_fee, y.id`,
    [clientId],
  );
/** @returns the id of a completed order */
export const insertOrder = async (tx: Tx, clientId: number): Promise<number> =>
  ((await em(tx).insert(clientOrders, { clientId, status: 'completed' })).identifiers[0] as { id: number }).id;
