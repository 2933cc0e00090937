import { z } from 'zod';
import { nodeParam, nodesContract as contract, source } from './fields.js';

const path = '/baremetal/v1/nodes/:node_ident/traits';
const one = `${path}/:trait` as const;
const traitParam = nodeParam.extend({ trait: z.string() });

export const listTraits = contract({
  method: 'get',
  path,
  summary: 'The traits of a node',
  description: 'Answers their names.',
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
  description: 'All of them or none: one name that is no trait refuses the request.',
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
  description: 'That it has none is no error.',
  source: source('11.2'),
  access: 'admin',
  status: 204,
  params: nodeParam,
});
export const addTrait = contract({
  method: 'put',
  path: one,
  summary: 'Give a node a trait',
  description: 'A standard one, or one that begins with `CUSTOM_`. That it has it already is no error.',
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
  description: '404 when the node does not have it.',
  source: source('11.2'),
  access: 'admin',
  status: 204,
  params: traitParam,
});
