import { z } from 'zod';
import * as drf from '../drf/index.js';
import { contract } from '../endpoint.js';
import {
  createInstanceByStaff,
  createInstanceByUser,
  instance,
  instanceDetail,
} from './instance-shapes.js';
import { detailed, listOf, listQuery } from './lists.js';
import { operation } from './operations.js';

/** Actions that wait for no body, with hyphens in their path; underscores do as well. */
export const PLAIN_ACTIONS = ['stop', 'start', 'suspend', 'resume', 'pause', 'unpause', 'lock', 'unlock'] as const;
/** Known to the portal, but no driver can do them yet (contract compute §6.7). */
export const LATER_ACTIONS = [
  'resize',
  'confirm-resize',
  'revert-resize',
  'rescue',
  'unrescue',
  'boot_from_iso',
  'rebuild',
  'create_snapshot',
  'create_backup',
  'change-password',
  'attach-volume',
  'detach_volume',
  'add_port',
  'remove_port',
  'add_ip',
  'remove_ip',
  'add_floating_ip',
  'remove_floating_ip',
  'associate_security_group',
  'dissociate_security_group',
  'migrate',
  'abort-migrate',
  'move',
  'shelve',
  'unshelve',
  'console',
] as const;

const idParam = z.object({ id: z.string().max(255) });
const one = z.union([z.string(), z.array(z.string())]).optional();
const forRoot = <
  const Root extends 'staffapi' | 'api',
  const Access extends 'staff' | 'enduser',
  Create extends z.ZodType,
>(
  root: Root,
  access: Access,
  create: Create,
) => {
  const base = `/${root}/openstack/instances` as const;
  const spelled = (segment: string): string[] =>
    [segment.replaceAll('-', '_'), segment.replaceAll('_', '-')]
      .filter((other, i, all) => other !== segment && all.indexOf(other) === i)
      .map((other) => `${base}/:id/${other}`);
  const act = {
    method: 'post',
    access,
    status: 200,
    source: 'contract compute §6.5',
    params: idParam,
    response: detailed,
  } as const;
  const plain = <S extends string>(segment: S) =>
    contract({ ...act, path: `${base}/:id/${segment}`, aliases: spelled(segment), summary: `Ask for: ${segment}` });
  return {
    list: contract({
      method: 'get',
      path: base,
      access,
      status: 200,
      summary: 'List instances',
      source: 'seed fleio-using-api; contract compute §6.2',
      query: listQuery.safeExtend({ client: one }),
      response: listOf(instance).safeExtend({ permissions: z.record(z.string(), z.boolean()) }),
    }),
    create: contract({
      method: 'post',
      path: base,
      access,
      status: 201,
      refusals: [404],
      summary: 'Create an instance',
      source: 'seed fleio-using-api; contract compute §6.1',
      query: z.looseObject({ client: one }),
      body: create,
      response: z.strictObject({ detail: z.string(), id: z.uuid(), uuid: z.uuid() }),
    }),
    get: contract({
      method: 'get',
      path: `${base}/:id`,
      access,
      status: 200,
      summary: 'One instance',
      source: 'contract compute §6.2',
      params: idParam,
      response: instanceDetail,
    }),
    patch: contract({
      method: 'patch',
      path: `${base}/:id`,
      access,
      status: 200,
      refusals: [409],
      summary: 'Rename, describe, tag or protect an instance',
      source: 'contract compute §6.2',
      params: idParam,
      response: instanceDetail,
      body: drf.partial({
        name: drf.char({ max: 255 }),
        description: drf.char({ nullable: true, blank: true, max: 1024 }),
        tags: drf.list(drf.char({ max: 60 }), { max: 50 }),
        delete_protection: drf.boolean({}),
      }),
    }),
    remove: contract({
      ...act,
      method: 'delete',
      path: `${base}/:id`,
      refusals: [409],
      summary: 'Delete an instance',
      source: 'contract compute §6.6',
    }),
    plain: Object.fromEntries(PLAIN_ACTIONS.map((segment) => [segment, plain(segment)])) as unknown as {
      [S in (typeof PLAIN_ACTIONS)[number]]: ReturnType<typeof plain<S>>;
    },
    later: LATER_ACTIONS.map((segment) => ({
      segment,
      contract: contract({
        ...act,
        path: `${base}/:id/${segment}`,
        aliases: spelled(segment),
        summary: `Ask for: ${segment} (409 until a driver can do it)`,
        source: 'contract compute §6.5, §6.7',
      }),
    })),
    reboot: contract({
      ...act,
      path: `${base}/:id/reboot`,
      summary: 'Reboot an instance',
      body: drf.dict({ type: drf.choice(['SOFT', 'HARD'], { required: false, nullable: true }) }),
    }),
    rename: contract({
      ...act,
      path: `${base}/:id/rename`,
      summary: 'Rename an instance',
      body: drf.dict({ name: drf.char({ max: 255 }) }),
    }),
    resetState: contract({
      ...act,
      path: `${base}/:id/reset-state`,
      aliases: [`${base}/:id/reset_state`],
      summary: 'Set the state of an instance',
      body: drf.dict({ state: drf.choice(['active', 'error'], {}) }),
    }),
    consoleLog: contract({
      method: 'get',
      path: `${base}/:id/console_log`,
      aliases: [`${base}/:id/console-log`],
      access,
      status: 200,
      summary: 'The end of the console log',
      source: 'contract compute §6.5',
      params: idParam,
      query: z.looseObject({ length: one }),
      response: z.strictObject({ output: z.string() }),
    }),
    history: contract({
      method: 'get',
      path: `${base}/:id/history`,
      access,
      status: 200,
      summary: 'Operations on an instance, newest first',
      source: 'contract compute §6.5, §10',
      params: idParam,
      query: listQuery,
      response: listOf(operation),
    }),
  };
};
export const staffInstances = forRoot('staffapi', 'staff', createInstanceByStaff);
export const userInstances = forRoot('api', 'enduser', createInstanceByUser);
/** Simulated regions only: a guest switches itself off (contract compute §11.3). */
export const powerOffFromInside = contract({
  method: 'post',
  path: '/staffapi/openstack/simulator/instances/:id/power_off',
  access: 'staff',
  status: 200,
  summary: 'Switch a simulated guest off from inside',
  source: 'contract compute §11.3',
  params: idParam,
  response: detailed,
});
