import {
  boolean,
  columns,
  em,
  generated,
  integer,
  sql,
  table,
  text,
  withDefault,
  type NewRow,
  type Queryable,
  type Row,
  type Tx,
} from '@nefos/service-kit';

/** What the catalog offers: each service belongs to one component. */
export const services = table(
  'service',
  {
    id: generated(integer()),
    name: text(),
    type: text(),
    componentId: integer(),
    /** Of the catalog that the guide prints: shown to its own people only. */
    document: withDefault(boolean()),
  },
  { primary: ['id'] },
);
export type Service = Row<typeof services>;
export type NewService = NewRow<typeof services>;
/** A service with the name and the address of its component. */
export type ServiceWithComponent = Pick<Service, 'id' | 'name' | 'type' | 'document'> & {
  component: string;
  componentUrl: string;
};

const SHOWN = columns(services, 's', ['id', 'name', 'type', 'document']);
const SELECT = `select ${SHOWN}, c.name component, c.url "componentUrl"
  from service s join component c on c.id = s.component_id`;
/** By id. SQL: a join. */
export const listServices = (q: Queryable): Promise<ServiceWithComponent[]> =>
  sql<ServiceWithComponent>(q, `${SELECT} order by s.id limit 10000`);
/** SQL: a join. */
export const findService = async (q: Queryable, name: string): Promise<ServiceWithComponent | undefined> =>
  (await sql<ServiceWithComponent>(q, `${SELECT} where s.name = $1`, [name]))[0];
/** @returns its id; undefined when the name is taken. SQL: `on conflict` of the name alone */
export const insertService = async (tx: Tx, s: NewService): Promise<number | undefined> =>
  (
    await sql<Pick<Service, 'id'>>(
      tx,
      `insert into service (id, name, type, component_id, document)
       values (coalesce($1, nextval(pg_get_serial_sequence('service', 'id'))), $2, $3, $4, $5)
       on conflict (name) do nothing returning ${columns(services, undefined, ['id'])}`,
      [s.id ?? null, s.name, s.type, s.componentId, s.document ?? false],
    )
  )[0]?.id;
export const updateServiceType = async (tx: Tx, id: number, type: string): Promise<void> => {
  await em(tx).update(services, { id }, { type });
};
