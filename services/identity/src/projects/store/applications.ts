import {
  bigint,
  boolean,
  columns,
  em,
  generated,
  instant,
  jsonb,
  nullable,
  run,
  safeInteger,
  sql,
  table,
  text,
  withDefault,
  type Queryable,
  type Row,
  type Tx,
} from '@nefos/service-kit';
import { projects } from './projects.js';

export type ApplicationState = 'pending' | 'approved' | 'replaced' | 'denied' | 'dismissed' | 'cancelled';
/** Applications for projects. A project may have several: the last one counts. */
export const projectApplications = table(
  'project_application',
  {
    id: generated(safeInteger()),
    projectId: safeInteger(),
    applicantId: safeInteger(),
    ownerId: safeInteger(),
    state: text<ApplicationState>(),
    name: nullable(text()),
    homepage: nullable(text()),
    description: nullable(text()),
    endDate: nullable(instant()),
    comments: withDefault(text()),
    joinPolicy: nullable(text()),
    leavePolicy: nullable(text()),
    maxMembers: nullable(bigint()),
    private: nullable(boolean()),
    resources: withDefault(jsonb()),
    issueDate: withDefault(instant()),
    responseDate: nullable(instant()),
    responseReason: nullable(text()),
    /** null: the date of the application. */
    startDate: nullable(instant()),
  },
  { primary: ['id'] },
);
type ApplicationRow = Row<typeof projectApplications>;
const READ = [
  'projectId',
  'id',
  'state',
  'name',
  'applicantId',
  'homepage',
  'description',
  'endDate',
  'comments',
  'joinPolicy',
  'leavePolicy',
  'maxMembers',
  'private',
] as const;
/**
 * An application with the uuids of owner and applicant. The columns that a later change of a project may leave out are
 * always set today. `resources` is JSON text, see `Project`.
 */
export type Application = { [K in (typeof READ)[number]]: NonNullable<ApplicationRow[K]> } & {
  owner: string;
  applicant: string;
  startDate: string;
  resources: string;
};
/** What an application and its project have in common. */
export interface NewApplication {
  uuid: string;
  name: string;
  homepage: string;
  description: string;
  /** null: the date of the application. */
  startDate: string | null;
  endDate: string;
  joinPolicy: string;
  leavePolicy: string;
  maxMembers: bigint;
  private: boolean;
  ownerId: number;
  applicantId: number;
  comments: string;
}

/** Adds an uninitialized project with a pending application. @returns the id of the application */
export const insertApplication = async (
  tx: Tx,
  { uuid, name, startDate, applicantId, comments, ...fields }: NewApplication,
): Promise<number> => {
  const common = { ...fields, maxMembers: String(fields.maxMembers) };
  const project = await em(tx).insert(projects, { ...common, uuid, realname: name, state: 'uninitialized' });
  const application = await em(tx).insert(projectApplications, {
    ...common,
    projectId: Number(project.identifiers[0]?.id),
    name,
    startDate,
    applicantId,
    comments,
    state: 'pending',
  });
  return Number(application.identifiers[0]?.id);
};
/** The last application of each of these projects. SQL: `distinct on`, joins and computed columns, in one statement. */
export const findLastApplications = (q: Queryable, projectIds: readonly number[]): Promise<Application[]> =>
  sql<Application>(
    q,
    `select distinct on (p.project_id) ${columns(projectApplications, 'p', READ)},
       o.uuid owner, a.uuid applicant, coalesce(p.start_date, p.issue_date) "startDate", p.resources::text
     from project_application p join account o on o.id = p.owner_id join account a on a.id = p.applicant_id
     where p.project_id = any($1::bigint[]) order by p.project_id, p.id desc`,
    [projectIds],
  );
export const findLastApplication = async (q: Queryable, projectId: number): Promise<Application | undefined> =>
  (await findLastApplications(q, [projectId]))[0];
export const countPending = (tx: Tx, applicantId: number): Promise<number> =>
  em(tx).countBy(projectApplications, { applicantId, state: 'pending' });
/**
 * Also deletes the project if it is uninitialized (contract identity §7.7). SQL: computed and conditional.
 */
export const cancelApplication = async (
  tx: Tx,
  projectId: number,
  applicationId: number,
  reason: string,
): Promise<void> => {
  await run(
    tx,
    `update project_application set state = 'cancelled', response_date = now(), response_reason = $2 where id = $1`,
    [applicationId, reason],
  );
  await run(tx, `update project set state = 'deleted' where id = $1 and state = 'uninitialized'`, [projectId]);
};
