import { z } from 'zod';
import { boundedArray } from '../bounded.js';
import { contract } from '../endpoint.js';

/** The Astakos API of the guide (seed astakos-api.rst; contract identity §5). */
const text = z.string();
const callback = { callback: z.string().optional().describe('JSONP: a plain JavaScript name') };

export const cloudService = z
  .object({
    id: text,
    name: text,
    url: text,
    icon: text.optional(),
    verbose_name: text,
    order: z.int(),
    cloudbar: z.looseObject({ show: z.boolean() }),
    dashboard: z.looseObject({ show: z.boolean() }),
  })
  .meta({ id: 'CloudService' });
export const getServices = contract({
  method: 'get',
  path: '/ui/get_services',
  access: 'public',
  status: 200,
  summary: 'List the cloud services',
  source: 'seed Get Services; contract identity §5.1',
  query: z.looseObject(callback),
  response: z.array(cloudService),
  produces: ['application/json', 'application/javascript'],
});

export const menuItem = z
  .object({ url: text, name: text, is_active: z.literal(true).optional() })
  .meta({ id: 'MenuItem' });
export const getMenu = contract({
  method: 'get',
  path: '/ui/get_menu',
  access: 'session',
  status: 200,
  summary: "The cloud bar's links for the browser's user",
  source: 'seed Get Menu; contract identity §5.2',
  query: z.looseObject({ ...callback, location: z.string().optional() }),
  response: z.array(menuItem),
  produces: ['application/json', 'application/javascript'],
});

export const authenticated = z
  .object({
    id: text.describe('a number, as text'),
    displayname: text,
    uuid: z.uuid(),
    email: z.array(text),
    name: text,
    username: text,
    groups: z.array(text),
    auth_token_created: text.describe('RFC 1123'),
    auth_token_expires: text.describe('RFC 1123'),
    usage: z.array(z.looseObject({ name: text })).optional(),
  })
  .meta({ id: 'Authenticated' });
export const authenticate = contract({
  method: 'get',
  path: '/account/v1.0/authenticate',
  aliases: ['/ui/authenticate'],
  access: 'user',
  status: 200,
  summary: 'Who holds this token',
  source: 'seed Authenticate; contract identity §5.3',
  query: z.looseObject({ usage: z.string().optional().describe('not empty: the answer has the list `usage`') }),
  response: authenticated,
});

export const sendFeedback = contract({
  method: 'post',
  path: '/account/v1.0/feedback',
  aliases: ['/feedback'],
  access: 'user',
  status: 200,
  refusals: [429],
  summary: 'Send feedback',
  source: 'seed Send feedback; contract identity §5.4',
  consumes: ['application/x-www-form-urlencoded', 'multipart/form-data'],
  body: z.looseObject({
    feedback_msg: z.string().min(1).max(20_000),
    feedback_data: z.string().max(100_000).default(''),
  }),
});

const catalogsRequest = (max: number) => {
  const names = boundedArray(z.string().max(1024), max).nullable().optional();
  return z.looseObject({ displaynames: names, uuids: names });
};
export const userCatalogs = z
  .object({ displayname_catalog: z.record(text, z.uuid()), uuid_catalog: z.record(text, text) })
  .meta({ id: 'UserCatalogs' });
export const getUserCatalogs = contract({
  method: 'post',
  path: '/account/v1.0/user_catalogs',
  aliases: ['/user_catalogs'],
  access: 'user',
  evenReadOnly: true,
  status: 200,
  refusals: [429],
  summary: 'Translate display names and uuids',
  source: 'seed Get User catalogs; contract identity §5.5',
  consumes: ['application/json', '*/*'],
  // An unknown name is left out, never an error; one that can not exist is unknown.
  itemised: true,
  body: catalogsRequest(1000),
  response: userCatalogs,
});
export const getServiceUserCatalogs = contract({
  method: 'post',
  path: '/account/v1.0/service/user_catalogs',
  aliases: ['/service/api/user_catalogs'],
  access: 'service',
  components: 'any',
  status: 200,
  summary: 'The same for services; null instead of a list means everybody',
  source: 'seed Service API Get User catalogs; contract identity §5.6',
  consumes: ['application/json', '*/*'],
  // An unknown name is left out, never an error; one that can not exist is unknown.
  itemised: true,
  body: catalogsRequest(100_000),
  response: userCatalogs,
});

export const listResources = contract({
  method: 'get',
  path: '/account/v1.0/resources',
  access: 'public',
  status: 200,
  summary: 'Resources that quotas count',
  source: 'contract identity §7.4',
  response: z.record(
    text,
    z.object({
      service: text,
      description: text,
      unit: text.nullable(),
      ui_visible: z.boolean(),
      api_visible: z.boolean(),
      allow_in_projects: z.boolean(),
    }),
  ),
});

export const setDefaultProject = contract({
  method: 'post',
  path: '/account/v1.0/myaccount/default_project',
  access: 'user',
  status: 200,
  refusals: [403, 404, 409],
  summary: 'Choose the project that the own tokens speak for',
  source: 'contract identity §7.3',
  body: z.strictObject({ project_id: z.string().nullable().optional() }),
});
