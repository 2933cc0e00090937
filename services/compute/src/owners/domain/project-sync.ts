import { enqueue, ensureJob, Fault, type Tx } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import {
  findProjectForIdentity,
  listUntoldProjects,
  markProjectsChanged,
  markProjectTold,
} from '../store/project-sync.js';

// Identity knows the project of each client's OpenStack service, so that users scope tokens to it (contract compute
// §12.1). A change numbers itself and enqueues the job in its own transaction; the job reads the state and its number
// at once, and identity ignores a number that is not above the last one. So it does not matter how often, how late or
// in which order jobs run.

const SYNC = 'project.sync';
const keyOf = (id: string): { key: string } => ({ key: `${SYNC}:${id}` });
/** After a change of the client's name, users or projects, in the same transaction: identity is told of it. */
export const projectsChanged = async (tx: Tx, clientId: number): Promise<void> => {
  for (const id of await markProjectsChanged(tx, clientId)) await enqueue(tx, SYNC, { id }, keyOf(id));
};
/** Identity has projects by uuid; ours are the same 32 digits. */
const uuidOf = (id: string): string => id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
/** The job `project.sync`: tells identity the state of a project, or that it has ended. */
export const syncProject = async (ctx: ComputeCtx, id: string): Promise<void> => {
  const found = await findProjectForIdentity(ctx.db, id);
  if (!found || found.known) return;
  const { project, sequence } = found;
  try {
    await (project
      ? ctx.identity.putProject(uuidOf(id), { ...project, sequence })
      : ctx.identity.deleteProject(uuidOf(id), sequence));
  } catch (err) {
    // Another component's: to ask again changes nothing.
    if (!(err instanceof Fault) || err.kind !== 'forbidden') throw err;
    ctx.log.warn({ err, project: id }, 'identity refuses a project: its users can not scope tokens to it');
  }
  await markProjectTold(ctx.db, id, sequence);
};
/** Enqueues the job of every project of whose change identity does not know. @returns how many there are */
export const sweepProjects = async (ctx: ComputeCtx): Promise<number> => {
  const ids = await listUntoldProjects(ctx.db, 1000);
  for (const id of ids) await ctx.db.transaction((tx) => ensureJob(tx, SYNC, { id }, keyOf(id)));
  return ids.length;
};
