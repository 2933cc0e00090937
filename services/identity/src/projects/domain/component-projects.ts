import type { Tx } from '@nefos/service-kit';
import { audit } from '../../access/domain/audit.js';
import { transactionWithInvalidation, type Invalidate } from '../../access/domain/changes.js';
import { forbidden } from '../../access/domain/errors.js';
import { endInProject } from '../../access/domain/revocation.js';
import { isUuid } from '../../access/domain/uuids.js';
import type { IdentityRequest } from '../../ctx.js';
import { insertComponentProject, updateComponentProject } from '../store/component-projects.js';
import {
  findComponentProject,
  hasMembership,
  listMemberAccounts,
  setMembers,
  shareLockMembership,
} from '../store/members.js';
import { lockProject, type Project } from '../store/projects.js';

// Projects that a component makes, such as those of the portal's clients, and who may work in them. The component tells
// the whole state of a project each time. Whoever leaves a project loses what was made for it in the same transaction;
// minting share-locks the project, so that no token is made for a membership that has just ended.

export interface ToldProject {
  name: string;
  description: string;
  enabled: boolean;
  /** Uuids of users. */
  members: readonly string[];
  /** Rises with each change: what is told late changes nothing. */
  sequence: number;
}
/**
 * Makes the project unless it exists, locks it and, when `sequence` is above the last one, changes it.
 * @throws forbidden project.foreign
 */
const changing = (
  ctx: IdentityRequest,
  { uuid, component, sequence }: { uuid: string; component: string; sequence: number },
  work: (tx: Tx, invalidate: Invalidate, project: Project) => Promise<void>,
): Promise<void> =>
  transactionWithInvalidation(ctx, async (tx, invalidate) => {
    await insertComponentProject(tx, uuid, component);
    const project = await lockProject(tx, uuid);
    if (project?.madeBy !== component) throw forbidden('project.foreign');
    if (project.sequence < sequence) await work(tx, invalidate, project);
  });
/**
 * Makes or changes a project of the component (contract identity §12.5).
 * @throws forbidden project.foreign; conflict project.name_taken
 */
export const putComponentProject = (
  ctx: IdentityRequest,
  uuid: string,
  component: string,
  told: ToldProject,
): Promise<void> =>
  changing(ctx, { uuid, component, sequence: told.sequence }, async (tx, invalidate, before) => {
    const { name, description, enabled, sequence } = told;
    const members = [...new Set(told.members)];
    const state = enabled ? 'active' : 'suspended';
    await updateComponentProject(tx, before.id, { name, description, state, members: members.length, sequence });
    const removed = await setMembers(tx, before.id, members);
    if (removed.length) await endInProject(tx, invalidate, uuid, { accounts: removed, credentials: true });
    if (!enabled) await endInProject(tx, invalidate, uuid, { credentials: false });
    // Cached records show the name.
    if (before.realname !== name) for (const id of await listMemberAccounts(tx, before.id)) invalidate(`account:${id}`);
    await audit(ctx, tx, 'project.put', uuid, 'ok', {
      enabled,
      members: members.length,
      left: removed.length,
      sequence,
    });
  });
/** Ends a project of the component with everything made for it. @throws forbidden project.foreign */
export const endComponentProject = (
  ctx: IdentityRequest,
  uuid: string,
  component: string,
  sequence: number,
): Promise<void> =>
  changing(ctx, { uuid, component, sequence }, async (tx, invalidate, before) => {
    // The row stays: what is told late must not bring the project back.
    const to = { name: before.realname, description: before.description, members: 0, sequence };
    await updateComponentProject(tx, before.id, { ...to, state: 'deleted' });
    await setMembers(tx, before.id, []);
    await endInProject(tx, invalidate, uuid, { credentials: true });
    await audit(ctx, tx, 'project.delete', uuid, 'ok', { sequence });
  });

/** The uuid of an active project of a component, by its id or name, if the account is a member of it. */
export const memberProject = async (
  ctx: IdentityRequest,
  account: string,
  wanted: { id: string } | { name: string },
): Promise<string | undefined> => {
  const uuid =
    'name' in wanted ? await findComponentProject(ctx.db, wanted.name) : isUuid(wanted.id) ? wanted.id : undefined;
  return uuid !== undefined && (await hasMembership(ctx.db, uuid, account)) ? uuid : undefined;
};
/**
 * Whether a token may be made for this project of a component. The membership can not end before the transaction does:
 * whoever ends it finds the token.
 */
export const holdMembership = (tx: Tx, project: string, account: string): Promise<boolean> =>
  shareLockMembership(tx, project, account);
