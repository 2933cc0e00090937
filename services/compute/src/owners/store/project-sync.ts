import { run, safeInteger, sql, table, text, withDefault, type Queryable, type Tx } from '@nefos/service-kit';

// SQL: every statement here computes a number or depends on what is stored.

/** What identity was told of a project. The row outlives the project, whose end identity is told, too. */
export const projectSyncs = table(
  'project_sync',
  {
    projectId: text(),
    /** The number of the last change. */
    sequence: safeInteger(),
    /** The last one that identity knows of. */
    toldSequence: withDefault(safeInteger()),
  },
  { primary: ['projectId'] },
);
/** It grows with time, so that it is new even after this database was restored from a backup. */
const NOW = '(extract(epoch from clock_timestamp()) * 1000)::bigint';
/** Numbers a change of every project of the client. @returns their ids */
export const markProjectsChanged = async (tx: Tx, clientId: number): Promise<string[]> =>
  (
    await sql<{ id: string }>(
      tx,
      `insert into project_sync as y (project_id, sequence)
        select p.id, ${NOW} from project p join service s on s.id = p.service_id where s.client_id = $1 order by p.id
      on conflict (project_id) do update set sequence = greatest(y.sequence + 1, excluded.sequence)
      returning project_id id`,
      [clientId],
    )
  ).map((row) => row.id);

/** A project as identity is to know it. */
export interface ProjectForIdentity {
  sequence: number;
  known: boolean;
  /** null: it has ended. */
  project: { name: string; description: string; enabled: boolean; members: string[] } | null;
}
/** In one statement: a state has the number of its change, or a later one will come. */
export const findProjectForIdentity = async (q: Queryable, id: string): Promise<ProjectForIdentity | undefined> =>
  (
    await sql<ProjectForIdentity>(
      q,
      `select y.sequence::float8 sequence, y.told_sequence >= y.sequence known,
        case when s.id is not null then json_build_object(
          'name', left(c.first_name || ' ' || c.last_name, 300) || ' (' || c.id || ')',
          'description', p.name,
          'enabled', not p.disabled,
          'members', array(select u.uuid::text from client_user m join portal_user u on u.id = m.user_id
            where m.client_id = c.id and u.deleted_at is null order by u.id limit 1000)
        ) end project
      from project_sync y left join project p on p.id = y.project_id
        left join service s on s.id = p.service_id and s.status in ('pending', 'active', 'suspended')
        left join client c on c.id = s.client_id
      where y.project_id = $1`,
      [id],
    )
  )[0];
export const markProjectTold = (q: Queryable, id: string, sequence: number): Promise<number> =>
  run(q, 'update project_sync set told_sequence = greatest(told_sequence, $2::bigint) where project_id = $1', [
    id,
    sequence,
  ]);
/** Ids of projects of whose last change identity does not know. */
export const listUntoldProjects = async (q: Queryable, limit: number): Promise<string[]> =>
  (
    await sql<{ id: string }>(
      q,
      'select project_id id from project_sync where sequence > told_sequence order by project_id limit $1',
      [limit],
    )
  ).map((row) => row.id);
