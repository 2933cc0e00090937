import type { Condition } from '../../lists/list-query.js';

/** The client of a row's project. SQL of joins; the alias of the row is x. */
export const OWNER = 'left join project j on j.id = x.project_id left join service s on s.id = j.service_id';
export const CLIENT = 's.client_id "clientId"';
/** Whose rows: of these clients' projects; null: everybody's. */
export const ofClients = (clientIds: readonly number[] | null, column = 'x.project_id'): Condition[] =>
  clientIds
    ? [
        {
          sql: `${column} in
            (select j.id from project j join service s on s.id = j.service_id where s.client_id = any($::int[]))`,
          values: [clientIds],
        },
      ]
    : [];
/** Whose view a list is, and of which single row. */
export interface Scope {
  clientIds: readonly number[] | null;
  id?: string;
}
export const scoped = ({ clientIds, id }: Scope): Condition[] => [
  ...(id === undefined ? [] : [{ sql: 'x.id = $::uuid', values: [id] }]),
  ...ofClients(clientIds),
];
export interface WithClient {
  /** Null: its project is gone. */
  clientId: number | null;
}
