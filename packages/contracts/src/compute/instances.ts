import { z } from 'zod';
import * as drf from '../drf/index.js';
import { contractIn } from '../endpoint.js';
import {
  actionBodies,
  changeInstanceByStaff,
  changeInstanceByUser,
  createInstanceByStaff,
  createInstanceByUser,
  instance,
  instanceDetail,
  instanceTraffic,
  openedConsole,
} from './instance-shapes.js';
import { detailed, listOf, listQuery } from './lists.js';
import { operation } from './operations.js';
import { idParam, one } from './params.js';

const contract = contractIn('instances');

/** Actions that wait for no body, with hyphens in their path; underscores do as well. */
export const PLAIN_ACTIONS = [
  'stop',
  'start',
  'suspend',
  'resume',
  'pause',
  'unpause',
  'lock',
  'unlock',
  'confirm-resize',
  'revert-resize',
  'unrescue',
  'abort-migrate',
  'shelve',
  'unshelve',
] as const;
const PLAIN_MEANING: Record<(typeof PLAIN_ACTIONS)[number], string> = {
  stop: 'Switches an instance off.',
  start: 'Switches a stopped instance on.',
  suspend: 'Suspends an instance: its memory is kept on disk.',
  resume: 'Resumes an instance that is suspended or paused.',
  pause: 'Pauses an instance: its memory is kept, no CPU time is used.',
  unpause: 'Continues a paused instance.',
  lock: 'Locks an instance against changes by users; staff may still change it.',
  unlock: 'Removes the lock of an instance. A lock that staff set can only be removed by staff.',
  'confirm-resize': 'Keeps the new size of an instance that was resized, or its new host after a cold migration.',
  'revert-resize': 'Gives an instance that was resized or migrated its former size and host back.',
  unrescue: 'Ends a rescue, or a boot from an ISO image: the instance boots its own disk again.',
  'abort-migrate': 'Breaks a live migration off: the instance stays on its host. Staff only.',
  shelve: 'Keeps an instance as an image, on no host: it uses neither memory nor CPU time.',
  unshelve: 'Brings a shelved instance back to a host and starts it.',
};
/** Actions that have a body. */
export const BODY_ACTIONS = [
  'resize',
  'rescue',
  'boot_from_iso',
  'rebuild',
  'create_snapshot',
  'create_backup',
  'change-password',
  'migrate',
  'move',
  'add_port',
  'remove_port',
  'add_ip',
  'remove_ip',
  'add_floating_ip',
  'remove_floating_ip',
  'associate_security_group',
  'dissociate_security_group',
  'attach-volume',
  'detach_volume',
] as const;
const BODY_MEANING: Record<(typeof BODY_ACTIONS)[number], string> = {
  resize:
    'Gives an instance the size of another flavor; it is `resized` afterwards, until that is confirmed or reverted. ' +
    'The root disk can not become smaller. The larger of both sizes counts in the quota meanwhile.',
  rescue:
    'Boots a rescue system with the disk of the instance as its second one. Without `root_password` one is made, ' +
    'and answered in the header `X-Admin-Password`.',
  boot_from_iso: 'Boots an ISO image with the disk of the instance as its second one; `unrescue` ends it.',
  rebuild:
    'Makes the root disk anew from an image; what is on it is lost. Addresses stay, and so does the state: a ' +
    'stopped instance is stopped afterwards.',
  create_snapshot:
    'Makes an image of the root disk. The header `X-Image-Id` names it; it is `saving` until it is there.',
  create_backup:
    'Makes an image of the root disk, and deletes the oldest backups of the same type beyond `rotation`. The header ' +
    '`X-Image-Id` names the new one.',
  'change-password': 'Sets the password of the guest, by its agent.',
  migrate:
    'Moves an instance to another host: with `live` while it runs, else as a resize without another size, which has ' +
    'to be confirmed. Staff only.',
  'attach-volume':
    'Gives an instance a volume of its client, which must be available; `device` is the name that it gets there.',
  detach_volume: 'Takes a volume from an instance. 400 for its root disk.',
  move: 'Hands an instance over to another client, whose quota and credit have to allow it. Staff only.',
  add_port:
    'Gives an instance one more interface: a new port on `network`, or the port that is named. `fixed_ip` asks for ' +
    'an address of the network.',
  remove_port: 'Takes an interface away. A port that was made with the instance goes; one that a client made stays.',
  add_ip: 'Gives an interface one more address of its network, of `subnet` or the one that is named.',
  remove_ip: 'Takes an address from an interface. A floating IP that leads to it leads nowhere then.',
  add_floating_ip:
    'Has a floating IP lead to the instance: the one that is named, or a new one of the external `network`.',
  remove_floating_ip: 'Has a floating IP of the instance lead nowhere; the client keeps it.',
  associate_security_group: 'Gives all interfaces of the instance a security group.',
  dissociate_security_group: 'Takes a security group from all interfaces of the instance.',
};

const forRoot = <
  const Root extends 'staffapi' | 'api',
  const Access extends 'staff' | 'enduser',
  Create extends z.ZodType,
  Change extends z.ZodType,
>(
  root: Root,
  access: Access,
  create: Create,
  change: Change,
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
  const plain = <S extends (typeof PLAIN_ACTIONS)[number]>(segment: S) =>
    contract({
      ...act,
      path: `${base}/:id/${segment}`,
      aliases: spelled(segment),
      summary: `Ask for: ${segment}`,
      description:
        `${PLAIN_MEANING[segment]} It is answered at once; an operation does the rest, where there is any. ` +
        '409 when the state of the instance, a task or a lock does not allow it.',
    });
  const acting = <S extends (typeof BODY_ACTIONS)[number]>(segment: S) =>
    contract({
      ...act,
      path: `${base}/:id/${segment}`,
      aliases: spelled(segment),
      summary: `Ask for: ${segment}`,
      description:
        `${BODY_MEANING[segment]} It is answered at once; an operation does the rest. 409 when the state of the ` +
        'instance, a task or a lock does not allow it, or the driver of the region can not do it (`unsupported`).',
      body: actionBodies[segment],
    });
  return {
    list: contract({
      method: 'get',
      path: base,
      access,
      status: 200,
      summary: 'List instances',
      description:
        'Lists instances, with paging, ordering, search and filtering, and what the caller may do with instances in ' +
        'general (`permissions`).',
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
      description:
        'Creates an instance: it answers the id at once, and an operation builds the machine afterwards. The header ' +
        '`X-Operation-Id` names that operation. 404 when something that the body names is not there.',
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
      description: 'Answers one instance with its addresses, state and fault.',
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
      description:
        'Changes the name, description, tags or delete protection of an instance, and for staff its limit of ' +
        'traffic, which `GET .../traffic` shows; fields that are absent stay. 409 when the state does not allow it.',
      source: 'contract compute §6.2',
      params: idParam,
      response: instanceDetail,
      body: change,
    }),
    remove: contract({
      ...act,
      method: 'delete',
      path: `${base}/:id`,
      refusals: [409],
      summary: 'Delete an instance',
      description:
        'Deletes an instance, in any state; the machine is removed by an operation. Its volumes stay, but for those ' +
        'that were to go with it; `delete_volumes=true` deletes all of them. 409 while delete protection is on.',
      query: z.looseObject({ delete_volumes: one.describe('true: the volumes that it has are deleted, too') }),
      source: 'contract compute §6.6',
    }),
    plain: Object.fromEntries(PLAIN_ACTIONS.map((segment) => [segment, plain(segment)])) as unknown as {
      [S in (typeof PLAIN_ACTIONS)[number]]: ReturnType<typeof plain<S>>;
    },
    withBody: {
      resize: acting('resize'),
      rescue: acting('rescue'),
      boot_from_iso: acting('boot_from_iso'),
      rebuild: acting('rebuild'),
      create_snapshot: acting('create_snapshot'),
      create_backup: acting('create_backup'),
      'change-password': acting('change-password'),
      migrate: acting('migrate'),
      move: acting('move'),
      add_port: acting('add_port'),
      remove_port: acting('remove_port'),
      add_ip: acting('add_ip'),
      remove_ip: acting('remove_ip'),
      add_floating_ip: acting('add_floating_ip'),
      remove_floating_ip: acting('remove_floating_ip'),
      associate_security_group: acting('associate_security_group'),
      dissociate_security_group: acting('dissociate_security_group'),
      'attach-volume': acting('attach-volume'),
      detach_volume: acting('detach_volume'),
    },
    console: contract({
      ...act,
      path: `${base}/:id/console`,
      refusals: [409, 503],
      summary: 'Open the console of an instance',
      description:
        'Answers where a client shows the console of a running instance, for a short time. 409 with the code ' +
        '`unsupported` where the driver of the region has none, 503 while the driver does not answer.',
      body: actionBodies.console,
      response: openedConsole,
    }),
    reboot: contract({
      ...act,
      path: `${base}/:id/reboot`,
      summary: 'Reboot an instance',
      description:
        'Reboots an instance. `type` SOFT asks the guest, HARD resets the machine; without it an active instance ' +
        'gets SOFT and any other HARD. 409 when the state does not allow it.',
      body: drf.dict({ type: drf.choice(['SOFT', 'HARD'], { required: false, nullable: true }) }),
    }),
    rename: contract({
      ...act,
      path: `${base}/:id/rename`,
      summary: 'Rename an instance',
      description: 'Gives an instance another name.',
      body: drf.dict({ name: drf.char({ max: 255 }) }),
    }),
    resetState: contract({
      ...act,
      path: `${base}/:id/reset-state`,
      aliases: [`${base}/:id/reset_state`],
      summary: 'Set the state of an instance',
      description:
        'Sets the recorded state of an instance to `active` or `error`, without touching the machine. Staff only: ' +
        'end users are refused with 403.',
      body: drf.dict({ state: drf.choice(['active', 'error'], {}) }),
    }),
    consoleLog: contract({
      method: 'get',
      path: `${base}/:id/console_log`,
      aliases: [`${base}/:id/console-log`],
      access,
      status: 200,
      summary: 'The end of the console log',
      description:
        'Answers the last lines of the console of an instance; `length` says how many. 503 while the driver does ' +
        'not answer.',
      source: 'contract compute §6.5',
      params: idParam,
      query: z.looseObject({ length: one }),
      response: z.strictObject({ output: z.string() }),
    }),
    traffic: contract({
      method: 'get',
      path: `${base}/:id/traffic`,
      access,
      status: 200,
      summary: 'What an instance has carried',
      description:
        'Answers the bytes to and from an instance by day, in the time zone of the server, and what it may carry in ' +
        'a month. Days without traffic are left out; 31 days are answered unless the query says otherwise.',
      source: 'contract compute §9.5, §14.3',
      params: idParam,
      query: z.looseObject({ from: one.describe('first day, as 2026-01-31'), to: one.describe('last day; today') }),
      response: instanceTraffic,
    }),
    history: contract({
      method: 'get',
      path: `${base}/:id/history`,
      access,
      status: 200,
      summary: 'Operations on an instance, newest first',
      description: 'Lists the operations on one instance, newest first.',
      source: 'contract compute §6.5, §10',
      params: idParam,
      query: listQuery,
      response: listOf(operation),
    }),
  };
};
export const staffInstances = forRoot('staffapi', 'staff', createInstanceByStaff, changeInstanceByStaff);
export const userInstances = forRoot('api', 'enduser', createInstanceByUser, changeInstanceByUser);
/** Simulated regions only: a guest switches itself off (contract compute §11.3). */
export const powerOffFromInside = contract({
  method: 'post',
  path: '/staffapi/openstack/simulator/instances/:id/power_off',
  access: 'staff',
  status: 200,
  summary: 'Switch a simulated guest off from inside',
  description: 'Makes a simulated guest switch itself off, to see how the portal notices. Only in simulated regions.',
  source: 'contract compute §11.3',
  params: idParam,
  response: detailed,
});
