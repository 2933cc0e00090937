import type { ComponentRight } from '@nefos/contracts';
import type { Queryable, Tx } from '@nefos/service-kit';
import { audit } from '../../access/domain/audit.js';
import { transactionWithInvalidation } from '../../access/domain/changes.js';
import { conflict, notFound } from '../../access/domain/errors.js';
import { mint } from '../../access/domain/tokens.js';
import type { IdentityRequest } from '../../ctx.js';
import {
  findComponent,
  hasAnyComponent,
  insertComponent,
  listComponents,
  updateRights,
  type Component,
  type NewComponent,
} from '../store/components.js';
import { demandComponentRules } from './catalog-rules.js';

export type { Component };

/** Registers a component and makes its token, which is shown only here. @throws conflict component.taken; invalid */
export const createComponent = (
  ctx: IdentityRequest,
  component: NewComponent,
): Promise<{ id: number; token: string }> =>
  transactionWithInvalidation(ctx, async (tx, invalidate) => {
    demandComponentRules(component);
    const id = await insertComponent(tx, component);
    if (id === undefined) throw conflict('component.taken', { name: component.name });
    const { token } = await mint(tx, { kind: 'component', componentId: id });
    await audit(ctx, tx, 'component.create', component.name);
    invalidate('directory');
    return { id, token };
  });
/** Adds a component without a token unless one of this name exists. For the bootstrap, whose file is trusted. */
export const ensureComponent = async (tx: Tx, component: NewComponent): Promise<void> => {
  await insertComponent(tx, component);
};
/** By position. */
export const components = (ctx: IdentityRequest): Promise<Component[]> => listComponents(ctx.db);
/** The id of the component of this name, for the bootstrap. */
export const componentIdOf = async (q: Queryable, name: string): Promise<number | undefined> =>
  (await findComponent(q, name))?.id;
/** Whether an earlier start made components: one of these names exists, or any component has a token. */
export const componentsWereMade = (q: Queryable, names: readonly string[]): Promise<boolean> =>
  hasAnyComponent(q, names);
/** @throws not_found component.absent */
export const componentByName = async (ctx: IdentityRequest, name: string): Promise<Component> => {
  const found = await findComponent(ctx.db, name);
  if (!found) throw notFound('component.absent', { name });
  return found;
};
/** Replaces the rights of a component, in every process at once. @throws not_found component.absent */
export const setComponentRights = (
  ctx: IdentityRequest,
  name: string,
  rights: readonly ComponentRight[],
): Promise<void> =>
  transactionWithInvalidation(ctx, async (tx, invalidate) => {
    const id = await updateRights(tx, name, rights);
    if (id === undefined) throw notFound('component.absent', { name });
    await audit(ctx, tx, 'component.rights', name, 'ok', { rights });
    invalidate(`component:${id}`);
  });
