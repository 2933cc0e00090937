import { z } from 'zod';
import { nodeParam, nodesContract as contract, source } from './fields.js';

const path = '/baremetal/v1/nodes/:node_ident/traits';
const one = `${path}/:trait` as const;
const traitParam = nodeParam.extend({ trait: z.string() });

export const listTraits = contract({
  method: 'get',
  path,
  summary: 'The traits of a node',
  source: source('11.2'),
  access: 'user',
  status: 200,
  params: nodeParam,
  response: z.object({ traits: z.array(z.string()) }),
});
export const replaceTraits = contract({
  method: 'put',
  path,
  summary: 'Give a node these traits and no others',
  source: source('11.2'),
  access: 'admin',
  status: 204,
  params: nodeParam,
  body: z.unknown(),
  refusals: [409],
});
export const removeTraits = contract({
  method: 'delete',
  path,
  summary: 'Take all traits from a node',
  source: source('11.2'),
  access: 'admin',
  status: 204,
  params: nodeParam,
});
export const addTrait = contract({
  method: 'put',
  path: one,
  summary: 'Give a node a trait',
  source: source('11.2'),
  access: 'admin',
  status: 204,
  params: traitParam,
  optionalBody: true,
  body: z.unknown(),
});
export const removeTrait = contract({
  method: 'delete',
  path: one,
  summary: 'Take a trait from a node',
  source: source('11.2'),
  access: 'admin',
  status: 204,
  params: traitParam,
});
