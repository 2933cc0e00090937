import { conflict, run, violates, type Tx } from '@nefos/service-kit';

const unlessNameTaken = (err: unknown): never => {
  throw violates(err, 'project_realname_component_key') ? conflict('project.name_taken') : err;
};
/**
 * Makes a component's project, not yet there for anybody, unless something has its uuid: a user's is that of the system
 * project. SQL: conditional and computed.
 */
export const insertComponentProject = (tx: Tx, uuid: string, component: string): Promise<number> =>
  run(
    tx,
    `insert into project (uuid, realname, end_date, join_policy, leave_policy, max_members, private, state, made_by)
     select $1::uuid, '', now() + interval '100 years', 'closed', 'closed', 0, true, 'deleted', $2
     where not exists (select from account where uuid = $1::uuid) on conflict (uuid) do nothing`,
    [uuid, component],
  );
export interface ComponentProjectState {
  name: string;
  description: string;
  state: 'active' | 'suspended' | 'deleted';
  members: number;
  sequence: number;
}
/** SQL: computed. @throws Fault conflict project.name_taken */
export const updateComponentProject = (tx: Tx, id: number, to: ComponentProjectState): Promise<number> =>
  run(
    tx,
    `update project set realname = $2, description = $3, state = $4, max_members = $5, sequence = $6,
       deactivation_date = case when $4 = 'active' then null else coalesce(deactivation_date, now()) end
     where id = $1`,
    [id, to.name, to.description, to.state, to.members, to.sequence],
  ).catch(unlessNameTaken);
