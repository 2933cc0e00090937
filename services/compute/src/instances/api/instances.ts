import { compute, rowsOf } from '@nefos/contracts';
import { endpointFor, type Endpoint } from '@nefos/service-kit';
import { actingOf } from '../../access/api/acting.js';
import type { ComputeCtx } from '../../ctx.js';
import {
  readConsole,
  requestAction,
  requestDelete,
  requestShelving,
  resetState,
  type UserAction,
} from '../domain/actions.js';
import { createInstance } from '../domain/create.js';
import { changeInstance, listInstances, lockInstance, listHistory } from '../domain/instances.js';
import { lastOf } from '../../lists/list-query.js';
import { abortMigration, requestMigration, requestMove } from '../domain/migrations.js';
import { requestIsoBoot, requestPassword, requestRebuild, requestRescue, requestUnrescue } from '../domain/rescues.js';
import { confirmResize, requestResize, revertResize } from '../domain/resizes.js';
import * as interfaces from '../domain/interfaces.js';
import { getInstanceDetail } from '../domain/details.js';
import { requestSnapshot } from '../domain/snapshots.js';
import { powerOffFromInside } from '../domain/simulator.js';
import { readTraffic } from '../domain/traffic.js';
import { withoutUndefined } from '../../without-undefined.js';
import { volumeActions } from './volume-actions.js';
import { instanceDetailView, instanceView } from './instances.view.js';
import { trafficView } from './traffic.view.js';
import { accepted } from '../../operations/api/accepted.js';
import { operationView } from '../../operations/api/operations.view.js';
import { viewerOf } from '../../access/api/viewer.js';
import { envelope } from '../../lists/api/envelope.js';

const endpoint = endpointFor<ComputeCtx>();

const isTrue = (value: unknown): boolean => /^(true|1|yes|on)$/i.test(lastOf(value) ?? '');

const DETAILS: Record<UserAction, string> = {
  stop: 'Instance is stopping',
  start: 'Instance is starting',
  reboot: 'Instance is rebooting',
  suspend: 'Instance is suspending',
  resume: 'Instance is resuming',
  pause: 'Instance is pausing',
  unpause: 'Instance is resuming',
};

/** What the regions' drivers can do beyond start and stop; each can do some of it. */
const extraActions = (at: typeof compute.staffInstances | typeof compute.userInstances): Endpoint<ComputeCtx>[] => [
  ...resizeActions(at),
  ...imageActions(at),
  ...interfaceActions(at),
  ...volumeActions(at),
  endpoint(at.plain.shelve, async (ctx, { params }) =>
    accepted(ctx, await requestShelving(ctx, params.id, 'shelve'), { detail: 'Instance is shelving' }),
  ),
  endpoint(at.plain.unshelve, async (ctx, { params }) =>
    accepted(ctx, await requestShelving(ctx, params.id, 'unshelve'), { detail: 'Instance is unshelving' }),
  ),
  endpoint(at.withBody['change-password'], async (ctx, { params, body }) =>
    accepted(ctx, await requestPassword(ctx, params.id, body.password), { detail: 'Password change requested' }),
  ),
];
const resizeActions = (at: typeof compute.staffInstances | typeof compute.userInstances): Endpoint<ComputeCtx>[] => [
  endpoint(at.withBody.resize, async (ctx, { params, body }) =>
    accepted(ctx, await requestResize(ctx, params.id, body.flavor), { detail: 'Instance is resizing' }),
  ),
  endpoint(at.plain['confirm-resize'], async (ctx, { params }) =>
    accepted(ctx, await confirmResize(ctx, params.id), { detail: 'Resize is being confirmed' }),
  ),
  endpoint(at.plain['revert-resize'], async (ctx, { params }) =>
    accepted(ctx, await revertResize(ctx, params.id), { detail: 'Resize is being reverted' }),
  ),
  endpoint(at.withBody.migrate, async (ctx, { params, body: { live, host } }) =>
    accepted(ctx, await requestMigration(ctx, params.id, { live, host: host ?? null }), {
      detail: 'Instance is migrating',
    }),
  ),
  endpoint(at.plain['abort-migrate'], async (ctx, { params }) =>
    accepted(ctx, await abortMigration(ctx, params.id), { detail: 'Migration is being aborted' }),
  ),
  endpoint(at.withBody.move, async (ctx, { params, body }) =>
    accepted(ctx, await requestMove(ctx, params.id, body.client), { detail: 'Instance is being moved' }),
  ),
];
const imageActions = (at: typeof compute.staffInstances | typeof compute.userInstances): Endpoint<ComputeCtx>[] => [
  endpoint(at.withBody.rescue, async (ctx, { params, body }) => {
    const { operationId, password } = await requestRescue(ctx, params.id, {
      image: body.image ?? null,
      rootPassword: body.root_password ?? null,
    });
    const detail = { detail: 'Instance is entering rescue mode' };
    return accepted(ctx, operationId, detail, password === null ? {} : { 'X-Admin-Password': password });
  }),
  endpoint(at.withBody.boot_from_iso, async (ctx, { params, body }) =>
    accepted(ctx, await requestIsoBoot(ctx, params.id, body.image), { detail: 'Instance is booting from ISO' }),
  ),
  endpoint(at.plain.unrescue, async (ctx, { params }) =>
    accepted(ctx, await requestUnrescue(ctx, params.id), { detail: 'Instance is leaving rescue mode' }),
  ),
  endpoint(at.withBody.rebuild, async (ctx, { params, body: b }) => {
    const guest = { sshKeys: b.ssh_keys, rootPassword: b.root_password, userData: b.user_data };
    const operationId = await requestRebuild(ctx, params.id, { image: b.image, name: b.name, ...guest });
    return accepted(ctx, operationId, { detail: 'Instance is being rebuilt' });
  }),
  endpoint(at.withBody.create_snapshot, async (ctx, { params, body }) => {
    const { operationId, imageId } = await requestSnapshot(ctx, params.id, { name: body.name, backup: null });
    return accepted(ctx, operationId, { detail: 'Snapshot is being created' }, { 'X-Image-Id': imageId });
  }),
  endpoint(at.withBody.create_backup, async (ctx, { params, body: b }) => {
    const backup = { type: b.backup_type, rotation: b.rotation };
    const { operationId, imageId } = await requestSnapshot(ctx, params.id, { name: b.name ?? null, backup });
    return accepted(ctx, operationId, { detail: 'Backup is being created' }, { 'X-Image-Id': imageId });
  }),
];

const interfaceActions = (at: typeof compute.staffInstances | typeof compute.userInstances): Endpoint<ComputeCtx>[] => [
  endpoint(at.withBody.add_port, async (ctx, { params, body: b }) => {
    const nic = { network: b.network ?? null, port: b.port ?? null, fixedIp: b.fixed_ip ?? null };
    const { operationId, portId } = await interfaces.requestPort(ctx, params.id, nic);
    return accepted(ctx, operationId, { detail: 'Port is being attached' }, { 'X-Port-Id': portId });
  }),
  endpoint(at.withBody.remove_port, async (ctx, { params, body }) =>
    accepted(ctx, await interfaces.requestPortRemoval(ctx, params.id, body.port), { detail: 'Port is being detached' }),
  ),
  endpoint(at.withBody.add_ip, async (ctx, { params, body: b }) => {
    const wanted = { port: b.port, subnet: b.subnet ?? null, fixedIp: b.fixed_ip ?? null };
    return accepted(ctx, await interfaces.addIp(ctx, params.id, wanted), { detail: 'IP is being added' });
  }),
  endpoint(at.withBody.remove_ip, async (ctx, { params, body }) =>
    accepted(ctx, await interfaces.removeIp(ctx, params.id, body.ip), { detail: 'IP is being removed' }),
  ),
  endpoint(at.withBody.add_floating_ip, async (ctx, { params, body: b }) => {
    const wanted = { floatingIp: b.floating_ip ?? null, network: b.network ?? null, fixedIp: b.fixed_ip ?? null };
    return accepted(ctx, await interfaces.addFloatingIp(ctx, params.id, wanted), { detail: 'Floating IP associated' });
  }),
  endpoint(at.withBody.remove_floating_ip, async (ctx, { params, body }) =>
    accepted(ctx, await interfaces.removeFloatingIp(ctx, params.id, body.floating_ip), {
      detail: 'Floating IP dissociated',
    }),
  ),
  endpoint(at.withBody.associate_security_group, async (ctx, { params, body }) =>
    accepted(ctx, await interfaces.addGroup(ctx, params.id, body.security_group), {
      detail: 'Security group associated',
    }),
  ),
  endpoint(at.withBody.dissociate_security_group, async (ctx, { params, body }) =>
    accepted(ctx, await interfaces.removeGroup(ctx, params.id, body.security_group), {
      detail: 'Security group dissociated',
    }),
  ),
];

/** The same endpoints for staff and for end users; the domain decides what differs. */
const forRoot = (at: typeof compute.staffInstances | typeof compute.userInstances): Endpoint<ComputeCtx>[] => {
  const act = (action: Exclude<UserAction, 'reboot'>) =>
    endpoint(at.plain[action], async (ctx, { params }) =>
      accepted(ctx, await requestAction(ctx, params.id, action), { detail: DETAILS[action] }),
    );
  return [
    endpoint(at.list, async (ctx, { req, query }) => {
      const { page, permissions } = await listInstances(ctx, query, actingOf(req));
      return { ...envelope(ctx, req, page, (row) => instanceView(row, viewerOf(ctx))), permissions };
    }),
    endpoint(at.create, async (ctx, { req, body: b }) => {
      const boot = {
        sourceType: b.boot_source.source_type,
        sourceId: b.boot_source.source_id,
        createNewVolume: b.boot_source.create_new_volume,
        deleteOnTermination: b.boot_source.delete_on_termination,
        volumeType: b.boot_source.volume_type,
        volumeSizes: [b.boot_source.volume_size, b.volume_size].filter((one) => one !== null),
      };
      const input = {
        region: b.region,
        name: b.name,
        flavor: b.flavor,
        nics: b.nics,
        securityGroups: b.security_groups ?? [],
        shareImage: b.share_image,
        force: 'force' in b && b.force,
        description: b.description,
        tags: b.tags ?? [],
        deleteProtection: b.delete_protection,
        boot,
        guest: { sshKeys: b.ssh_keys, rootPassword: b.root_password, userData: b.user_data },
      };
      const { id, operationId } = await createInstance(
        ctx,
        input,
        typeof b.client === 'number' ? { client: b.client } : { acting: actingOf(req) },
      );
      return accepted(ctx, operationId, { detail: 'Instance is being created', id, uuid: id });
    }),
    endpoint(at.get, async (ctx, { params }) =>
      instanceDetailView(await getInstanceDetail(ctx, params.id), viewerOf(ctx)),
    ),
    endpoint(at.patch, async (ctx, { params, body }) => {
      const { name, description, tags, delete_protection: deleteProtection } = body;
      const limit =
        'traffic_limit_bytes' in body || 'traffic_action' in body
          ? { bytes: body.traffic_limit_bytes, action: body.traffic_action }
          : {};
      const changes = withoutUndefined({ name, description, tags, deleteProtection });
      await changeInstance(ctx, params.id, changes, limit);
      return instanceDetailView(await getInstanceDetail(ctx, params.id), viewerOf(ctx));
    }),
    endpoint(at.remove, async (ctx, { params, query }) =>
      accepted(ctx, await requestDelete(ctx, params.id, { deleteVolumes: isTrue(query.delete_volumes) }), {
        detail: 'Instance is being deleted',
      }),
    ),
    act('stop'),
    act('start'),
    act('suspend'),
    act('resume'),
    act('pause'),
    act('unpause'),
    endpoint(at.reboot, async (ctx, { params, body }) =>
      accepted(ctx, await requestAction(ctx, params.id, 'reboot', body.type ?? undefined), { detail: DETAILS.reboot }),
    ),
    endpoint(at.rename, async (ctx, { params, body }) => {
      await changeInstance(ctx, params.id, { name: body.name });
      return { detail: 'Instance renamed' };
    }),
    endpoint(at.plain.lock, async (ctx, { params }) => {
      await lockInstance(ctx, params.id, true);
      return { detail: 'Instance locked' };
    }),
    endpoint(at.plain.unlock, async (ctx, { params }) => {
      await lockInstance(ctx, params.id, false);
      return { detail: 'Instance unlocked' };
    }),
    endpoint(at.resetState, async (ctx, { params, body }) => {
      await resetState(ctx, params.id, body.state);
      return { detail: 'Instance state reset' };
    }),
    ...extraActions(at),
    endpoint(at.consoleLog, async (ctx, { params, query }) => ({
      output: await readConsole(ctx, params.id, rowsOf(lastOf(query.length), 10_000) ?? 100),
    })),
    endpoint(at.history, async (ctx, { req, params, query }) =>
      envelope(ctx, req, await listHistory(ctx, params.id, query), (row) => operationView(row, viewerOf(ctx))),
    ),
    endpoint(at.traffic, async (ctx, { params, query }) =>
      trafficView(await readTraffic(ctx, params.id, { from: lastOf(query.from), to: lastOf(query.to) })),
    ),
  ];
};
export const instanceEndpoints: Endpoint<ComputeCtx>[] = [
  ...forRoot(compute.staffInstances),
  ...forRoot(compute.userInstances),
  endpoint(compute.powerOffFromInside, async (ctx, { params }) => {
    await powerOffFromInside(ctx, params.id);
    return { detail: 'Guest is off' };
  }),
];
