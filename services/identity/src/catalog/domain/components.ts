import type { ComponentRight } from '@nefos/contracts';
import type { IdentityRequest } from '../../ctx.js';
import { audit } from '../../access/domain/audit.js';
import { changing } from '../../access/domain/changes.js';
import { conflict, notFound } from '../../access/domain/errors.js';
import { mint } from '../../access/domain/tokens.js';
import {
  anyComponentOf,
  findComponent,
  insertComponent,
  listComponents,
  updateRights,
  type Component,
  type NewComponent,
} from '../store/catalog.js';
import { demandComponentRules } from './catalog-rules.js';

export type { Component };
/** For the bootstrap, which makes what is missing by rules of its own. */
export { anyComponentOf, findComponent, insertComponent };

/** Registers a component and makes its token, which is shown only here. @throws conflict component.taken; invalid catalog.value */
export const createComponent = (
  ctx: IdentityRequest,
  component: NewComponent,
): Promise<{ id: number; token: string }> =>
  changing(ctx, async (tx, stale) => {
    demandComponentRules(component);
    const id = await insertComponent(tx, component);
    if (id === undefined) throw conflict('component.taken', { name: component.name });
    const { token } = await mint(tx, { kind: 'component', componentId: id });
    await audit(ctx, tx, 'component.create', component.name);
    stale('directory');
    return { id, token };
  });
/** All components, with what they are trusted with. */
export const components = (ctx: IdentityRequest): Promise<Component[]> => listComponents(ctx.db);
/** @throws not_found component.absent */
export const componentByName = async (ctx: IdentityRequest, name: string): Promise<Component> => {
  const found = await findComponent(ctx.db, name);
  if (!found) throw notFound('component.absent', { name });
  return found;
};
/** What a component is trusted with from now on, in every process at once. @throws not_found component.absent */
export const setComponentRights = (
  ctx: IdentityRequest,
  name: string,
  rights: readonly ComponentRight[],
): Promise<void> =>
  changing(ctx, async (tx, stale) => {
    const id = await updateRights(tx, name, rights);
    if (id === undefined) throw notFound('component.absent', { name });
    await audit(ctx, tx, 'component.rights', name, 'ok', { rights });
    stale(`component:${id}`);
  });
