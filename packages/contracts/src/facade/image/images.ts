import { z } from 'zod';
import { boundedArray, boundedRecord } from '../../bounded.js';
import { contractIn } from '../../endpoint.js';
import { anyQuery, idParams } from '../fields.js';

const contract = contractIn('facade-image');
const user = { access: 'user', source: 'contract compute §12.4' } as const;
const document = z.looseObject({});
const IMAGES = '/image/v2/images';
const text = z.string().max(255);

const discovery = { access: 'public', source: 'contract compute §12.4', method: 'get', response: document } as const;
export const listVersions = contract({
  ...discovery,
  path: '/image',
  status: 300,
  summary: 'The versions of the image API',
});
export const listVersionsPlain = contract({
  ...discovery,
  path: '/image/versions',
  status: 200,
  summary: 'The versions of the image API',
});

export const listImages = contract({
  ...user,
  method: 'get',
  path: IMAGES,
  status: 200,
  summary: 'List images',
  query: anyQuery,
  response: document,
});
export const showImage = contract({
  ...user,
  method: 'get',
  path: `${IMAGES}/:id`,
  status: 200,
  summary: 'Show an image',
  params: idParams,
  response: document,
});
/** The attributes of an image, and any texts beside them. */
export const createImage = contract({
  ...user,
  method: 'post',
  path: IMAGES,
  status: 201,
  summary: 'Make an image, without data yet',
  body: boundedRecord(z.unknown(), 200),
  response: document,
});
const change = z.strictObject({
  op: z.enum(['add', 'replace', 'remove']),
  path: z.string().min(2).max(300),
  value: z.unknown().optional(),
});
export const updateImage = contract({
  ...user,
  method: 'patch',
  path: `${IMAGES}/:id`,
  status: 200,
  summary: 'Change an image, by a list of changes',
  params: idParams,
  consumes: ['application/openstack-images-v2.1-json-patch'],
  body: boundedArray(change, 200),
  response: document,
});
export const deleteImage = contract({
  ...user,
  method: 'delete',
  path: `${IMAGES}/:id`,
  status: 204,
  summary: 'Delete an image',
  params: idParams,
});
export const uploadImage = contract({
  ...user,
  method: 'put',
  path: `${IMAGES}/:id/file`,
  status: 204,
  summary: 'Upload the data of an image',
  params: idParams,
  upload: true,
  refusals: [410],
  consumes: ['application/octet-stream'],
});
export const downloadImage = contract({
  ...user,
  method: 'get',
  path: `${IMAGES}/:id/file`,
  status: 200,
  answers: [204, 206],
  refusals: [409, 416],
  summary: 'Download the data of an image',
  params: idParams,
  produces: ['application/octet-stream'],
});
export const importImage = contract({
  ...user,
  method: 'post',
  path: `${IMAGES}/:id/import`,
  status: 202,
  summary: 'Fetch the data of an image from an address',
  params: idParams,
  body: z.strictObject({
    method: z.strictObject({ name: text, uri: z.string().max(2048).optional() }),
    stores: boundedArray(text, 10).optional(),
    all_stores: z.boolean().optional(),
    all_stores_must_succeed: z.boolean().optional(),
  }),
});
const switched = (to: 'deactivate' | 'reactivate') =>
  contract({
    ...user,
    method: 'post',
    path: `${IMAGES}/:id/actions/${to}` as const,
    status: 204,
    summary: `${to === 'deactivate' ? 'Nobody' : 'Everybody'} uses the image from now on (administrators)`,
    params: idParams,
  });
export const deactivateImage = switched('deactivate');
export const reactivateImage = switched('reactivate');

const tagParams = idParams.extend({ tag: text });
export const addTag = contract({
  ...user,
  method: 'put',
  path: `${IMAGES}/:id/tags/:tag`,
  status: 204,
  summary: 'Add a tag',
  params: tagParams,
});
export const removeTag = contract({
  ...user,
  method: 'delete',
  path: `${IMAGES}/:id/tags/:tag`,
  status: 204,
  summary: 'Take a tag away',
  params: tagParams,
});

const memberParams = idParams.extend({ member: text });
export const listMembers = contract({
  ...user,
  method: 'get',
  path: `${IMAGES}/:id/members`,
  status: 200,
  summary: 'Projects that an image is shared with',
  params: idParams,
  response: document,
});
export const addMember = contract({
  ...user,
  method: 'post',
  path: `${IMAGES}/:id/members`,
  status: 200,
  summary: 'Share an image with a project',
  params: idParams,
  body: z.strictObject({ member: text }),
  response: document,
});
export const showMember = contract({
  ...user,
  method: 'get',
  path: `${IMAGES}/:id/members/:member`,
  status: 200,
  summary: 'One project that an image is shared with',
  params: memberParams,
  response: document,
});
export const updateMember = contract({
  ...user,
  method: 'put',
  path: `${IMAGES}/:id/members/:member`,
  status: 200,
  summary: 'Accept or reject an image that is shared with the project',
  params: memberParams,
  body: z.strictObject({ status: z.enum(['pending', 'accepted', 'rejected']), member: text.optional() }),
  response: document,
});
export const removeMember = contract({
  ...user,
  method: 'delete',
  path: `${IMAGES}/:id/members/:member`,
  status: 204,
  summary: 'Share an image with a project no longer',
  params: memberParams,
});

const schema = (name: string) =>
  contract({
    ...user,
    method: 'get',
    path: `/image/v2/schemas/${name}` as const,
    status: 200,
    summary: `The JSON schema: ${name}`,
    response: document,
  });
export const schemas = (['image', 'images', 'member', 'members'] as const).map(schema);
export const importInfo = contract({
  ...user,
  method: 'get',
  path: '/image/v2/info/import',
  status: 200,
  summary: 'How data can be imported',
  response: document,
});
export const storesInfo = contract({
  ...user,
  method: 'get',
  path: '/image/v2/info/stores',
  status: 200,
  summary: 'Where data is kept',
  response: document,
});
/** The gateway lets this pass whatever the size of its body. */
export const UPLOADS = [uploadImage];
