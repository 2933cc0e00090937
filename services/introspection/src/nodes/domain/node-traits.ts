import { Fault, notFound } from '@nefos/service-kit';
import type { IntrospectionCtx } from '../../ctx.js';
import { isObject } from '../../values.js';
import { updateNode } from '../store/nodes.js';
import { demandLockedNode } from './nodes.js';
import { demandTrait, demandTraits } from './trait-names.js';

/** @param work makes the new traits of those that there are */
const change = (
  ctx: IntrospectionCtx,
  ref: string,
  work: (traits: readonly string[], uuid: string) => readonly unknown[],
): Promise<void> =>
  ctx.db.transaction(async (tx) => {
    const node = await demandLockedNode(tx, ref);
    const traits = demandTraits(node.uuid, work(node.traits, node.uuid));
    if (traits.join() !== node.traits.join()) await updateNode(tx, node.uuid, { traits });
  });
const refuse = (message: string): never => {
  throw new Fault('invalid', 'node.trait', { message });
};
/** @throws Fault invalid node.trait; not_found node.absent */
export const addTrait = (ctx: IntrospectionCtx, ref: string, name: string, body: unknown): Promise<void> => {
  if (body !== undefined && !(isObject(body) && !Object.keys(body).length))
    refuse('No body should be provided when setting an individual trait.');
  demandTrait(name);
  return change(ctx, ref, (traits) => [...new Set([...traits, name])]);
};
/** @throws Fault not_found: node.absent, node.trait_absent */
export const removeTrait = (ctx: IntrospectionCtx, ref: string, name: string): Promise<void> =>
  change(ctx, ref, (traits, uuid) => {
    if (!traits.includes(name))
      throw notFound('node.trait_absent', { message: `Node ${uuid} doesn't have a trait '${name.slice(0, 255)}'` });
    return traits.filter((one) => one !== name);
  });
/** @param body `{ traits: […] }` @throws Fault invalid node.trait; not_found node.absent */
export const replaceTraits = (ctx: IntrospectionCtx, ref: string, body: unknown): Promise<void> => {
  if (!isObject(body) || !Array.isArray(body.traits) || Object.keys(body).length > 1)
    return refuse('Missing mandatory parameter: traits, a list');
  const { traits } = body;
  return change(ctx, ref, () => traits);
};
export const removeTraits = (ctx: IntrospectionCtx, ref: string): Promise<void> => change(ctx, ref, () => []);
