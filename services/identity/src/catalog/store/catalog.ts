import type { ComponentRight } from '@nefos/contracts';
import { run, sql, type Queryable, type Tx } from '@nefos/service-kit';

export interface Component {
  id: number;
  name: string;
  url: string;
  icon: string | null;
  position: number;
  listed: boolean;
  rights: readonly string[];
}
export interface NewComponent {
  id?: number;
  name: string;
  url: string;
  icon?: string | null;
  position?: number;
  listed?: boolean;
  rights?: readonly ComponentRight[];
}
export interface ServiceRow {
  id: number;
  name: string;
  type: string;
  componentUrl: string;
  component: string;
}
export interface EndpointRow {
  id: number;
  serviceId: number;
  data: Record<string, string>;
}
export interface Resource {
  name: string;
  description: string;
  unit: string | null;
  serviceOrigin: string;
  uiVisible: boolean;
}

export const listComponents = (q: Queryable): Promise<Component[]> =>
  sql<Component>(
    q,
    'select id, name, url, icon, position, listed, rights from component order by position, id limit 1000',
  );
export const findComponent = async (q: Queryable, name: string): Promise<Component | undefined> =>
  (
    await sql<Component>(q, 'select id, name, url, icon, position, listed, rights from component where name = $1', [
      name,
    ])
  )[0];
/** Whether one of these components is there, or any that was given a token. */
export const anyComponentOf = async (q: Queryable, names: readonly string[]): Promise<boolean> =>
  (
    await sql(
      q,
      `select 1 where exists (select from component where name = any($1::text[])) or exists (select from token where component_id is not null)`,
      [names],
    )
  ).length === 1;
/** @returns undefined when the name is taken */
export const insertComponent = async (tx: Tx, c: NewComponent): Promise<number | undefined> =>
  (
    await sql<{ id: number }>(
      tx,
      `
  insert into component (id, name, url, icon, position, listed, rights) values (coalesce($1, nextval(pg_get_serial_sequence('component', 'id'))), $2, $3, $4, $5, $6, $7) on conflict (name) do nothing returning id`,
      [c.id ?? null, c.name, c.url, c.icon ?? null, c.position ?? 1000, c.listed ?? false, c.rights ?? []],
    )
  )[0]?.id;

/** @returns its id; undefined: there is none */
export const updateRights = async (tx: Tx, name: string, rights: readonly string[]): Promise<number | undefined> =>
  (await sql<{ id: number }>(tx, 'update component set rights = $2 where name = $1 returning id', [name, rights]))[0]
    ?.id;

export const listServices = (q: Queryable): Promise<ServiceRow[]> =>
  sql<ServiceRow>(
    q,
    'select s.id, s.name, s.type, c.url "componentUrl", c.name component from service s join component c on c.id = s.component_id order by s.id limit 10000',
  );
export const listEndpoints = (q: Queryable): Promise<EndpointRow[]> =>
  sql<EndpointRow>(
    q,
    `
  select e.id, e.service_id "serviceId", coalesce(json_object_agg(d.key, d.value order by d.position) filter (where d.key is not null), '{}') data
  from endpoint e left join endpoint_data d on d.endpoint_id = e.id group by e.id order by e.id limit 10000`,
  );
export const findService = async (q: Queryable, name: string): Promise<{ id: number; component: string } | undefined> =>
  (
    await sql<{ id: number; component: string }>(
      q,
      'select s.id, c.name component from service s join component c on c.id = s.component_id where s.name = $1',
      [name],
    )
  )[0];
export const insertService = async (
  tx: Tx,
  s: { id?: number | undefined; name: string; type: string; componentId: number },
): Promise<number | undefined> =>
  (
    await sql<{ id: number }>(
      tx,
      `
  insert into service (id, name, type, component_id) values (coalesce($1, nextval(pg_get_serial_sequence('service', 'id'))), $2, $3, $4) on conflict (name) do nothing returning id`,
      [s.id ?? null, s.name, s.type, s.componentId],
    )
  )[0]?.id;
export const updateServiceType = (tx: Tx, id: number, type: string): Promise<number> =>
  run(tx, 'update service set type = $2 where id = $1', [id, type]);
export const deleteEndpoints = (tx: Tx, serviceId: number): Promise<number> =>
  run(tx, 'delete from endpoint where service_id = $1', [serviceId]);
export const insertEndpoint = async (tx: Tx, serviceId: number, data: Record<string, string>): Promise<number> => {
  const [row] = await sql<{ id: number }>(tx, 'insert into endpoint (service_id) values ($1) returning id', [
    serviceId,
  ]);
  const { id } = row as { id: number };
  await run(
    tx,
    'insert into endpoint_data (endpoint_id, key, value, position) select $1, k, v, i from unnest($2::text[], $3::text[]) with ordinality u(k, v, i)',
    [id, Object.keys(data), Object.values(data)],
  );
  return id;
};
export const listResources = (q: Queryable): Promise<Resource[]> =>
  sql<Resource>(
    q,
    'select name, description, unit, service_origin "serviceOrigin", ui_visible "uiVisible" from resource where api_visible order by name limit 10000',
  );
