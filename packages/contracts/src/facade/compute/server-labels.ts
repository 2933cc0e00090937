import { z } from 'zod';
import { boundedArray } from '../../bounded.js';
import { contractIn } from '../../endpoint.js';
import { idParams } from '../fields.js';
import { novaMetadata, novaTag, serverMetadata } from './parameter-types.js';
import { AT, document, user, withPart } from './server-fields.js';

const contract = contractIn('facade-compute');

const meta = `${AT}/metadata`;
export const getMetadata = contract({
  ...user,
  method: 'get',
  path: meta,
  status: 200,
  summary: 'Metadata of a server',
  params: idParams,
  response: document,
});
export const addMetadata = contract({
  ...user,
  method: 'post',
  path: meta,
  status: 200,
  summary: 'Add to the metadata of a server',
  params: idParams,
  body: z.strictObject({ metadata: serverMetadata }),
  response: document,
});
export const replaceMetadata = contract({
  ...user,
  method: 'put',
  path: meta,
  status: 200,
  summary: 'Replace the metadata of a server',
  params: idParams,
  body: z.strictObject({ metadata: serverMetadata }),
  response: document,
});
export const getMetadataItem = contract({
  ...user,
  method: 'get',
  path: `${meta}/:key`,
  status: 200,
  summary: 'One item of the metadata',
  params: withPart('key'),
  response: document,
});
export const setMetadataItem = contract({
  ...user,
  method: 'put',
  path: `${meta}/:key`,
  status: 200,
  summary: 'Set one item of the metadata',
  params: withPart('key'),
  body: z.strictObject({ meta: novaMetadata(z.string().max(255), 1) }),
  response: document,
});
export const removeMetadataItem = contract({
  ...user,
  method: 'delete',
  path: `${meta}/:key`,
  status: 204,
  summary: 'Take one item out of the metadata',
  params: withPart('key'),
});

const tags = `${AT}/tags`;
export const getTags = contract({
  ...user,
  method: 'get',
  path: tags,
  status: 200,
  summary: 'Tags of a server',
  params: idParams,
  response: document,
});
export const replaceTags = contract({
  ...user,
  method: 'put',
  path: tags,
  status: 200,
  summary: 'Replace the tags of a server',
  params: idParams,
  body: z.strictObject({ tags: boundedArray(novaTag, 50) }),
  response: document,
});
export const removeTags = contract({
  ...user,
  method: 'delete',
  path: tags,
  status: 204,
  summary: 'Take all tags away',
  params: idParams,
});
export const hasTag = contract({
  ...user,
  method: 'get',
  path: `${tags}/:tag`,
  status: 204,
  summary: 'Whether a server has a tag',
  params: withPart('tag'),
});
export const addTag = contract({
  ...user,
  method: 'put',
  path: `${tags}/:tag`,
  status: 201,
  answers: [204],
  summary: 'Add a tag',
  params: withPart('tag'),
});
export const removeTag = contract({
  ...user,
  method: 'delete',
  path: `${tags}/:tag`,
  status: 204,
  summary: 'Take a tag away',
  params: withPart('tag'),
});
