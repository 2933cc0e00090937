import { z } from 'zod';
import * as drf from '../drf/index.js';
import { contractIn } from '../endpoint.js';
import { image, imageChanges, imageMember, imageSource, newImage, staffImage } from './image-fields.js';
import { listOf, listQuery } from './lists.js';
import { idParam, one } from './params.js';

const contract = contractIn('catalog');

/**
 * Images, their data and the projects that they are shared with (contract compute §8.1). Staff act on all under
 * `/staffapi`; end users under `/api` on those of their own projects.
 */
const memberParams = z.object({ id: z.string().max(255), project_id: z.string().max(255) });
const imageQuery = listQuery.safeExtend({
  client: one.describe('what this client may use'),
  visibility: one.describe('only these; `community` lists what others offer to everybody'),
});
const OCTETS = ['application/octet-stream'];

const imagesOf = <const Root extends 'staffapi' | 'api', const Access extends 'staff' | 'enduser'>(
  root: Root,
  access: Access,
) => {
  const common = { access, source: 'contract compute §8.1' } as const;
  const at = `/${root}/openstack/images` as const;
  return {
    list: contract({
      ...common,
      method: 'get',
      path: at,
      status: 200,
      source: 'contract compute §3, §8.1',
      summary: 'List images',
      description: 'Lists the images that the caller may use, with paging, ordering, search and filtering.',
      query: imageQuery,
      response: listOf(image),
    }),
    get: contract({
      ...common,
      method: 'get',
      path: `${at}/:id`,
      status: 200,
      summary: 'One image',
      description: 'Answers one image that the caller may use; 404 for any other.',
      params: idParam,
      response: image,
    }),
    change: contract({
      ...common,
      method: 'patch',
      path: `${at}/:id`,
      status: 200,
      summary: 'Change an image',
      description:
        'Changes the fields that are sent and leaves the others; `properties` and `tags` are replaced as a whole. ' +
        'Only staff make an image public.',
      params: idParam,
      body: drf.partial(imageChanges),
      response: image,
    }),
    delete: contract({
      ...common,
      method: 'delete',
      path: `${at}/:id`,
      status: 204,
      refusals: [409],
      summary: 'Delete an image',
      description:
        'Takes the image off every list at once. Its data goes when no instance was made from it any more. 409 while ' +
        'it is protected.',
      params: idParam,
    }),
    upload: contract({
      ...common,
      method: 'put',
      path: `${at}/:id/file`,
      status: 200,
      refusals: [409],
      upload: true,
      consumes: OCTETS,
      summary: "Upload an image's data",
      description:
        'Takes the data of a queued image as a stream. The image is `saving` meanwhile and `active` when all of it ' +
        'is kept; an upload that breaks off leaves it `queued`. 409 for an image that is not queued: of two uploads ' +
        'one wins.',
      params: idParam,
      response: image,
    }),
    download: contract({
      ...common,
      method: 'get',
      path: `${at}/:id/file`,
      status: 200,
      refusals: [409],
      produces: OCTETS,
      summary: "Download an image's data",
      description: 'Answers the data of an active image. 409 where there is none here.',
      params: idParam,
    }),
    importInto: contract({
      ...common,
      method: 'post',
      path: `${at}/:id/import`,
      status: 200,
      refusals: [409],
      summary: "Fetch a queued image's data from an address",
      description:
        'Has the data of a queued image fetched from an http or https address; the image is `importing` meanwhile. ' +
        'When it fails, the image is `queued` again and `fault` says why.',
      params: idParam,
      body: drf.dict(imageSource),
      response: image,
    }),
    members: contract({
      ...common,
      method: 'get',
      path: `${at}/:id/members`,
      status: 200,
      summary: 'List the projects that an image is shared with',
      description: 'Lists the projects that may use the image beside its own. End users ask for their own images.',
      params: idParam,
      query: listQuery,
      response: listOf(imageMember),
    }),
    addMember: contract({
      ...common,
      method: 'post',
      path: `${at}/:id/members`,
      status: 201,
      refusals: [409],
      summary: 'Share an image with a project',
      description:
        'Lets another project use the image, by the 32 digits of its id. Shared twice is shared once. 409 for a ' +
        'private image: make it `shared` first.',
      params: idParam,
      body: drf.dict({ project: drf.char({ max: 64 }) }),
      response: imageMember,
    }),
    removeMember: contract({
      ...common,
      method: 'delete',
      path: `${at}/:id/members/:project_id`,
      status: 204,
      summary: 'Share an image no more with a project',
      description: 'Takes the image from a project. The project itself may give it back as well.',
      params: memberParams,
    }),
  };
};
const creating = { source: 'contract compute §8.1', method: 'post', status: 201, response: image } as const;
const CREATE =
  'Creates an image without data, `queued` until it is uploaded or imported. Its project is that of the client.';
const IMPORT =
  'Creates an image and has its data fetched from an http or https address, as `POST .../images/{id}/import` does.';
const act = <const Verb extends 'deactivate' | 'reactivate'>(verb: Verb, summary: string, description: string) =>
  contract({
    access: 'staff',
    source: 'contract compute §8.1, §8.2',
    method: 'post',
    path: `/staffapi/openstack/images/:id/${verb}`,
    status: 200,
    refusals: [409],
    summary,
    description,
    params: idParam,
    response: image,
  });

export const staffImages = {
  ...imagesOf('staffapi', 'staff'),
  create: contract({
    ...creating,
    access: 'staff',
    path: '/staffapi/openstack/images',
    summary: 'Create an image',
    description:
      `${CREATE} Without a client it is the cloud's own, and public. With \`backend_id\` it is one that the ` +
      'hypervisor has already, and active at once.',
    body: drf.dict({ ...newImage, ...staffImage }),
  }),
  importNew: contract({
    ...creating,
    access: 'staff',
    path: '/staffapi/openstack/images/import',
    summary: 'Create an image from an address',
    description: IMPORT,
    body: drf.dict({ ...newImage, ...staffImage, ...imageSource }),
  }),
  deactivate: act('deactivate', 'Stop the use of an image', 'Nobody downloads it or boots from it any more.'),
  reactivate: act('reactivate', 'Allow the use of an image again', 'Ends what `deactivate` began.'),
};
const clientQuery = z.looseObject({ client: one.describe('the client to act for; or the header `X-Client-Id`') });
export const userImages = {
  ...imagesOf('api', 'enduser'),
  create: contract({
    ...creating,
    access: 'enduser',
    path: '/api/openstack/images',
    summary: 'Create an image',
    description: CREATE,
    query: clientQuery,
    body: drf.dict(newImage),
  }),
  importNew: contract({
    ...creating,
    access: 'enduser',
    path: '/api/openstack/images/import',
    summary: 'Create an image from an address',
    description: IMPORT,
    query: clientQuery,
    body: drf.dict({ ...newImage, ...imageSource }),
  }),
};
/** The gateway lets these pass whatever the size of their body: `method` and `path`. */
export const UPLOADS = [staffImages.upload, userImages.upload];
