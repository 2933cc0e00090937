import {
  columns,
  em,
  generated,
  integer,
  sql,
  table,
  text,
  type Queryable,
  type Row,
  type Tx,
} from '@nefos/service-kit';

/** Where a service is reached. What is known of an endpoint are the pairs of `endpoint_data`. */
export const endpoints = table('endpoint', { id: generated(integer()), serviceId: integer() }, { primary: ['id'] });
/** One registered pair of an endpoint, such as `publicURL`; any key is allowed (contract identity §2). */
export const endpointData = table(
  'endpoint_data',
  { endpointId: integer(), key: text(), value: text(), position: integer() },
  { primary: ['endpointId', 'key'] },
);
/** An endpoint with its pairs, in the order in which they were registered. */
export type EndpointRow = Row<typeof endpoints> & { data: Record<string, string> };

/** By id. SQL: the pairs are aggregated into one object. */
export const listEndpoints = (q: Queryable): Promise<EndpointRow[]> =>
  sql<EndpointRow>(
    q,
    `select ${columns(endpoints, 'e')},
       coalesce(json_object_agg(d.key, d.value order by d.position) filter (where d.key is not null), '{}') data
     from endpoint e left join endpoint_data d on d.endpoint_id = e.id
     group by e.id order by e.id limit 10000`,
  );
export const deleteEndpoints = async (tx: Tx, serviceId: number): Promise<void> => {
  await em(tx).delete(endpoints, { serviceId });
};
/** @returns its id */
export const insertEndpoint = async (tx: Tx, serviceId: number, data: Record<string, string>): Promise<number> => {
  const { identifiers } = await em(tx).insert(endpoints, { serviceId });
  const endpointId = Number(identifiers[0]?.id);
  const pairs = Object.entries(data).map(([key, value], i) => ({ endpointId, key, value, position: i + 1 }));
  if (pairs.length) await em(tx).insert(endpointData, pairs);
  return endpointId;
};
