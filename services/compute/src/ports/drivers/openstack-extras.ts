import { setTimeout as sleep } from 'node:timers/promises';
import { DriverError, type ComputeDriver, type FlavorSpec } from '../driver.js';
import { flavorRefOf, guestFields, imageRefOf, withKeyPair } from './openstack-create.js';
import { hasCode, unlessMissing } from './openstack-errors.js';
import { confirm, inState, type Act } from './openstack-power.js';
import { tagOf, taskOf, type Server, type Servers } from './openstack-servers.js';
import type { Session } from './openstack-session.js';

/** Whether the server has this size, as far as the cloud tells. */
const hasSize = ({ flavor }: Server, { vcpus, memoryMb }: FlavorSpec): boolean =>
  (flavor?.vcpus ?? vcpus) === vcpus && (flavor?.ram ?? memoryMb) === memoryMb;
const RESIZING = ['resize_prep', 'resize_migrating', 'resize_migrated', 'resize_finish'];
const REBUILDING = ['rebuilding', 'rebuild_block_device_mapping', 'rebuild_spawning'];
const SHELVING = ['shelving', 'shelving_image_pending_upload', 'shelving_image_uploading', 'shelving_offloading'];
/** Where a rebuilt server has the key of its last rebuild. */
const REBUILT = 'nefos_rebuild';
/** Nova's own default of `[consoleauth] token_ttl`. */
const CONSOLE_SECONDS = 600;
/** A migration that has not ended. */
interface Migration {
  id: number;
  migration_type?: string;
}
const LIVE = 'live-migration';
/** A call may take 30 s. */
const ABORT_MS = 15_000;
/** What the cloud knows of an image is seen in its client's project. */
const ofClient = (server: Server): string => server.tenant_id;
const isNot =
  (...states: string[]) =>
  (server: Server): boolean =>
    !inState(...states)(server);

/** Resize, rescue, rebuild, migration and what else Nova offers. */
export const createExtraCalls = (session: Session, servers: Servers, act: Act, shared: boolean) => {
  const { call } = session;
  const project = shared ? () => undefined : ofClient;
  /** @returns whether there was a migration that Nova lets go */
  const breakOff = async (id: string): Promise<boolean> => {
    const path = `/servers/${encodeURIComponent(id)}/migrations`;
    const { body } = await call<{ migrations: Migration[] }>({ service: 'compute', method: 'GET', path });
    // Empty: Nova has taken it on, and looks for a host.
    const [running] = body.migrations.filter(({ migration_type: type = LIVE }) => type === LIVE);
    if (!running) return false;
    try {
      await unlessMissing(call({ service: 'compute', method: 'DELETE', path: `${path}/${running.id}` }));
      return true;
    } catch (err) {
      // It is at its beginning, or nearly done: Nova lets it go in between.
      if (hasCode(err, 'INVALID_REQUEST')) return false;
      throw err;
    }
  };
  return {
    resize: (ref, flavor) =>
      act(ref, {
        body: { resize: { flavorRef: flavorRefOf(flavor) } },
        doing: RESIZING,
        done: (server) => inState('resized')(server) && hasSize(server, flavor),
      }),
    confirmResize: async (ref) => {
      const server = await servers.demand(ref);
      if (inState('resized')(server)) await confirm(servers, ref, server.id);
    },
    // Nova may have confirmed it by itself: then it can not be reverted, and says so.
    revertResize: (ref, { former }) =>
      act(ref, {
        body: { revertResize: null },
        doing: ['resize_reverting'],
        done: (server) => isNot('resized')(server) && (!former || hasSize(server, former)),
      }),
    // An ISO image needs `hw_rescue_device=cdrom` and `hw_rescue_bus` among its properties.
    rescue: (ref, { image, password }) =>
      act(ref, {
        body: {
          rescue: {
            ...(password !== null && { adminPass: password }),
            ...(image && { rescue_image_ref: imageRefOf(image) }),
          },
        },
        doing: ['rescuing'],
        done: inState('rescued'),
        project,
      }),
    unrescue: (ref) => act(ref, { body: { unrescue: null }, doing: ['unrescuing'], done: isNot('rescued') }),
    rebuild: async (ref, { key, name, image, guest }) => {
      const server = await servers.demand(ref);
      const sshKey = guest.sshKeys?.[0];
      const fields = { imageRef: imageRefOf(image), name, ...guestFields(guest) };
      const done = (one: Server): boolean => one.metadata?.[REBUILT] === key;
      await withKeyPair(
        session,
        // Of a server that has the key already, no pair is needed.
        { name: tagOf(ref.portalId), key: done(server) ? undefined : sshKey },
        (keyName) =>
          act(ref, {
            body: {
              rebuild: {
                ...fields,
                metadata: { ...server.metadata, [REBUILT]: key },
                ...(keyName !== undefined && { key_name: keyName }),
              },
            },
            doing: REBUILDING,
            done,
            project,
          }),
      );
    },
    setPassword: (ref, password) =>
      act(ref, { body: { changePassword: { adminPass: password } }, doing: ['updating_password'] }),
    // The host name within the guest stays.
    rename: async (ref, name) => {
      const server = await servers.demand(ref);
      if (server.name === name) return;
      const path = `/servers/${encodeURIComponent(server.id)}`;
      await call({ service: 'compute', method: 'PUT', path, body: { server: { name } } });
    },
    migrate: (ref, { live, host }) =>
      live
        ? act(ref, { body: { 'os-migrateLive': { host, block_migration: 'auto' } }, doing: ['migrating'] })
        : act(ref, { body: { migrate: host === null ? null : { host } }, doing: RESIZING, done: inState('resized') }),
    abortMigration: async (ref) => {
      for (const end = performance.now() + ABORT_MS; ; await sleep(300)) {
        const server = await servers.demand(ref);
        if (taskOf(server) !== 'migrating' || (await breakOff(server.id))) return;
        if (performance.now() > end) throw new DriverError('INVALID_STATE', 'The migration can not be broken off.');
      }
    },
    shelve: (ref) =>
      act(ref, { body: { shelve: null }, doing: SHELVING, done: inState('shelved', 'shelved_offloaded'), project }),
    unshelve: (ref) =>
      act(ref, {
        body: { unshelve: null },
        doing: ['unshelving', 'spawning'],
        done: isNot('shelved', 'shelved_offloaded'),
        project,
      }),
    openConsole: async (ref, type) => {
      const server = await servers.demand(ref);
      const wanted = type === 'vnc' ? { protocol: 'vnc', type: 'novnc' } : { protocol: 'serial', type: 'serial' };
      try {
        const { body } = await call<{ remote_console: { url: string; type: string } }>({
          service: 'compute',
          method: 'POST',
          path: `/servers/${encodeURIComponent(server.id)}/remote-consoles`,
          body: { remote_console: wanted },
        });
        const expiresAt = new Date(Date.now() + CONSOLE_SECONDS * 1000);
        return { url: body.remote_console.url, type: body.remote_console.type, expiresAt };
      } catch (err) {
        // A kind of console that the cloud does not have is a bad request to Nova.
        if (hasCode(err, 'INVALID_REQUEST'))
          throw new DriverError('UNSUPPORTED', `The cloud has no ${type} console.`, { cause: err });
        throw err;
      }
    },
  } satisfies Partial<ComputeDriver>;
};
