import { z } from 'zod';
import { boundedArray } from '../bounded.js';
import { contractIn } from '../endpoint.js';

const contract = contractIn('accounts');

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
  area: 'catalog',
  method: 'get',
  path: '/ui/get_services',
  access: 'public',
  ofGuide: true,
  status: 200,
  summary: 'List the cloud services',
  description:
    'Lists the registered cloud services with their addresses, in the order in which a cloud bar shows them. With ' +
    '`callback` the answer is JSONP.',
  source: 'seed Get Services; contract identity §5.1',
  query: z.looseObject(callback),
  response: z.array(cloudService),
  produces: ['application/json', 'application/javascript'],
});

export const menuItem = z
  .object({ url: text, name: text, is_active: z.literal(true).optional() })
  .meta({ id: 'MenuItem' });
export const getMenu = contract({
  area: 'sign-in',
  method: 'get',
  path: '/ui/get_menu',
  access: 'session',
  ofGuide: true,
  status: 200,
  summary: "The cloud bar's links for the browser's user",
  description:
    'Answers the links of the cloud bar: those of the user whose browser session the cookie names, or the link to ' +
    'sign in. With `callback` the answer is JSONP.',
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
  area: 'access',
  method: 'get',
  path: '/account/v1.0/authenticate',
  aliases: ['/ui/authenticate'],
  access: 'user',
  ofGuide: true,
  status: 200,
  summary: 'Who holds this token',
  description:
    'Answers who holds the token that was sent: uuid, names, e-mail addresses, groups, and when the token was ' +
    'created and expires.',
  source: 'seed Authenticate; contract identity §5.3',
  query: z.looseObject({ usage: z.string().optional().describe('not empty: the answer has the list `usage`') }),
  response: authenticated,
});

export const sendFeedback = contract({
  method: 'post',
  path: '/account/v1.0/feedback',
  aliases: ['/feedback'],
  access: 'user',
  ofGuide: true,
  bodyRefusal: 'feedback.invalid',
  status: 200,
  refusals: [429],
  summary: 'Send feedback',
  description:
    'Sends a message to the operators of the cloud. Answers 200 with an empty body; 429 after too many messages.',
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
  ofGuide: true,
  evenReadOnly: true,
  status: 200,
  refusals: [429],
  summary: 'Translate display names and uuids',
  description:
    'Translates display names (e-mail addresses) to uuids and uuids to display names. What is not known is left ' +
    'out. At most 1000 of each; 429 after too many requests.',
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
  ofGuide: true,
  components: 'any',
  status: 200,
  summary: 'The same for services; null instead of a list means everybody',
  description:
    'Translates display names and uuids as `/account/v1.0/user_catalogs` does. `null` in place of a list means all ' +
    'users. At most 100,000 of each.',
  source: 'seed Service API Get User catalogs; contract identity §5.6',
  consumes: ['application/json', '*/*'],
  // An unknown name is left out, never an error; one that can not exist is unknown.
  itemised: true,
  body: catalogsRequest(100_000),
  response: userCatalogs,
});

export const listResources = contract({
  area: 'catalog',
  method: 'get',
  path: '/account/v1.0/resources',
  access: 'public',
  status: 200,
  summary: 'Resources that quotas count',
  description: 'Lists the resources that quotas count, by name, with their service, unit and where they are visible.',
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
  description:
    'Chooses the project to which the tokens of the caller are scoped when a request names none. `project_id` null ' +
    'or absent chooses the system project of the user. 403, 404 or 409 when the project can not be chosen.',
  source: 'contract identity §7.3',
  body: z.strictObject({ project_id: z.string().nullable().optional() }),
});
