import type { ComponentRight } from '@nefos/contracts';
import {
  boolean,
  columns,
  em,
  generated,
  instant,
  integer,
  nullable,
  sql,
  table,
  text,
  textArray,
  withDefault,
  type NewRow,
  type Queryable,
  type Row,
  type Tx,
} from '@nefos/service-kit';

/** Programs that own services and authenticate with a token of their own, such as compute. */
export const components = table(
  'component',
  {
    id: generated(integer()),
    name: text(),
    /** Of its user interface; may be relative to the public origin. */
    url: text(),
    icon: nullable(text()),
    /** Its place in lists, ascending. */
    position: withDefault(integer()),
    /** Whether it is in the list of `get_services`. */
    listed: withDefault(boolean()),
    createdAt: withDefault(instant()),
    rights: withDefault(textArray<ComponentRight>()),
  },
  { primary: ['id'] },
);
export type Component = Row<typeof components>;
export type NewComponent = Omit<NewRow<typeof components>, 'rights'> & { rights?: readonly ComponentRight[] };

const MAX_COMPONENTS = 1000;
export const listComponents = (q: Queryable): Promise<Component[]> =>
  em(q).find(components, { order: { position: 'ASC', id: 'ASC' }, take: MAX_COMPONENTS });
export const findComponent = async (q: Queryable, name: string): Promise<Component | undefined> =>
  (await em(q).findOneBy(components, { name })) ?? undefined;
/** Whether one of these components exists, or any component has a token. SQL: it also reads the table `token`. */
export const hasAnyComponent = async (q: Queryable, names: readonly string[]): Promise<boolean> =>
  (
    await sql(
      q,
      `select 1 where exists (select from component where name = any($1::text[]))
         or exists (select from token where component_id is not null)`,
      [names],
    )
  ).length === 1;
/** @returns its id; undefined when the name is taken. SQL: `on conflict` of the name alone */
export const insertComponent = async (tx: Tx, c: NewComponent): Promise<number | undefined> =>
  (
    await sql<Pick<Component, 'id'>>(
      tx,
      `insert into component (id, name, url, icon, position, listed, rights)
       values (coalesce($1, nextval(pg_get_serial_sequence('component', 'id'))), $2, $3, $4, $5, $6, $7)
       on conflict (name) do nothing returning ${columns(components, undefined, ['id'])}`,
      [c.id ?? null, c.name, c.url, c.icon ?? null, c.position ?? 1000, c.listed ?? false, c.rights ?? []],
    )
  )[0]?.id;
/** @returns its id; undefined when there is no such component. SQL: TypeORM does not type what `returning` gives */
export const updateRights = async (
  tx: Tx,
  name: string,
  rights: readonly ComponentRight[],
): Promise<number | undefined> =>
  (
    await sql<Pick<Component, 'id'>>(
      tx,
      `update component set rights = $2 where name = $1 returning ${columns(components, undefined, ['id'])}`,
      [name, rights],
    )
  )[0]?.id;
