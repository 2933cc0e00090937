import { setTimeout as sleep } from 'node:timers/promises';
import { DriverError, type ComputeDriver, type Ref } from '../driver.js';
import { hasCode, unlessMissing } from './openstack-errors.js';
import { isStuck, powerOf, taskOf, vmStateOf, type Server, type Servers } from './openstack-servers.js';
import type { Session } from './openstack-session.js';

/** One of Nova's actions. */
export interface NovaAction {
  body: object;
  /** Tasks in which it is under way already. */
  doing: readonly string[];
  /** Whether the server rests in the wanted state already; absent: the action is always done. */
  done?: (server: Server) => boolean;
  /** The project in whose name it is done; absent: the administrator's. */
  project?: (server: Server) => string | undefined;
}
export type Act = (ref: Ref, action: NovaAction) => Promise<void>;
/** A call may take 30 s. */
const PATIENCE_MS = 20_000;
/** Waits until the server rests in a state. @throws DriverError INVALID_STATE, NOT_FOUND */
const comesTo = async (servers: Servers, ref: Ref, wanted: (server: Server) => boolean): Promise<Server> => {
  for (const end = performance.now() + PATIENCE_MS; performance.now() < end; await sleep(300)) {
    const server = await servers.demand(ref);
    if (taskOf(server) === null && wanted(server)) return server;
  }
  throw new DriverError('INVALID_STATE', 'The machine does not come to rest.');
};
/**
 * Confirms a resize, and waits until it is: Nova shows no task meanwhile, and refuses a second call (400).
 * @throws DriverError INVALID_STATE: it goes on
 */
export const confirm = async (servers: Servers, ref: Ref, id: string): Promise<Server> => {
  try {
    await servers.action(id, { confirmResize: null });
  } catch (err) {
    if (!hasCode(err, 'INVALID_REQUEST')) throw err;
  }
  return comesTo(servers, ref, (one) => !inState('resized')(one));
};
/**
 * Calls Nova, unless what is wanted is so already or is under way. A server that waits for the end of a resize, though
 * the portal wants something else of it, has been given up there (`reset-state`): it keeps its new size.
 * @throws DriverError NOT_FOUND, INVALID_STATE and all others
 */
export const createActor =
  (servers: Servers): Act =>
  async (ref, { body, doing, done, project }) => {
    let server = await servers.demand(ref);
    const task = taskOf(server);
    if (task !== null && doing.includes(task)) return;
    if (task === null && server.status !== 'BUILD' && done?.(server)) return;
    if (task === null && inState('resized')(server) && !('revertResize' in body)) {
      server = await confirm(servers, ref, server.id);
      if (done?.(server)) return;
    }
    await servers.action(server.id, body, project?.(server));
  };
export const inState =
  (...states: string[]) =>
  (server: Server): boolean =>
    states.includes(vmStateOf(server));

const RUNNING = 1;
const SOFT = ['rebooting', 'reboot_pending', 'reboot_started'];
const HARD = ['rebooting_hard', 'reboot_pending_hard', 'reboot_started_hard'];

/** Where a server has the key of its last reboot, and which one was the newest before that. */
const REBOOTED = 'nefos_reboot';
/**
 * A reboot ends as it begins. Whether that of a key has begun is seen by Nova's list of a server's actions: the newest
 * one before is noted at the server, ahead of the call.
 * @returns whether it has; when not, it is noted that it begins now
 */
const createRebootNotes =
  ({ call }: Session, servers: Servers) =>
  async (ref: Ref, key: string): Promise<boolean> => {
    const server = await servers.demand(ref);
    const path = `/servers/${encodeURIComponent(server.id)}`;
    const { body } = await call<{ instanceActions: { action: string; request_id: string }[] }>({
      service: 'compute',
      method: 'GET',
      path: `${path}/os-instance-actions`,
    });
    const newest = body.instanceActions.find(({ action }) => action === 'reboot')?.request_id ?? 'none';
    const [noted, before] = (server.metadata?.[REBOOTED] ?? '').split(' ');
    // What is off after a reboot has not been rebooted.
    if (noted === key) return newest !== before && powerOf(server) === RUNNING;
    try {
      const metadata = { [REBOOTED]: `${key} ${newest}` };
      await call({ service: 'compute', method: 'POST', path: `${path}/metadata`, body: { metadata } });
    } catch (err) {
      // In some states, such as ERROR, Nova takes no metadata: then a repetition is not seen.
      if (!hasCode(err, 'INVALID_STATE')) throw err;
    }
    return false;
  };

/** Start, stop and what else changes the power state. */
export const createPowerCalls = (session: Session, servers: Servers, act: Act) => {
  const hasRebooted = createRebootNotes(session, servers);
  const unpause = (ref: Ref): Promise<void> =>
    act(ref, { body: { unpause: null }, doing: ['unpausing'], done: inState('active') });
  const resume = (ref: Ref): Promise<void> =>
    act(ref, { body: { resume: null }, doing: ['resuming'], done: inState('active') });
  return {
    start: async (ref) => {
      const server = await servers.demand(ref);
      // The guest has switched itself off, and Nova has not seen it yet.
      const body =
        vmStateOf(server) === 'active' && powerOf(server) !== RUNNING
          ? { reboot: { type: 'HARD' } }
          : { 'os-start': null };
      await act(ref, {
        body,
        doing: ['powering-on', ...HARD],
        done: (one) => vmStateOf(one) === 'active' && powerOf(one) === RUNNING,
      });
    },
    // How long the guest gets is Nova's setting, or the image's `os_shutdown_timeout`.
    stop: async (ref) => {
      const server = await servers.demand(ref);
      // Nova stops what runs only.
      if (vmStateOf(server) === 'paused') await unpause(ref).then(() => comesTo(servers, ref, inState('active')));
      if (vmStateOf(server) === 'suspended') await resume(ref).then(() => comesTo(servers, ref, inState('active')));
      await act(ref, { body: { 'os-stop': null }, doing: ['powering-off'], done: inState('stopped') });
    },
    reboot: async (ref, { type, key }) => {
      if (key !== undefined && (await hasRebooted(ref, key))) return;
      await act(ref, { body: { reboot: { type } }, doing: type === 'SOFT' ? [...SOFT, ...HARD] : HARD });
    },
    pause: (ref) => act(ref, { body: { pause: null }, doing: ['pausing'], done: inState('paused') }),
    unpause,
    suspend: (ref) => act(ref, { body: { suspend: null }, doing: ['suspending'], done: inState('suspended') }),
    resume,
  } satisfies Partial<ComputeDriver>;
};

/** Deletes servers. A missing one is success. */
export const createRemover = ({ call }: Session, servers: Servers) => {
  const erase = (id: string): Promise<unknown> =>
    unlessMissing(call({ service: 'compute', method: 'DELETE', path: `/servers/${encodeURIComponent(id)}` }));
  const force = (id: string): Promise<unknown> => unlessMissing(servers.action(id, { forceDelete: null }));
  return async (server: Server): Promise<void> => {
    if (server.status === 'SOFT_DELETED') {
      await force(server.id);
      return;
    }
    if (!isStuck(server)) {
      if (taskOf(server) !== 'deleting') await erase(server.id);
      return;
    }
    // Nova has given up: the state is set anew, so that it begins again.
    await unlessMissing(servers.action(server.id, { 'os-resetState': { state: 'error' } }));
    await erase(server.id).catch(() => force(server.id));
  };
};
export const lastLines = (text: string, lines: number): string =>
  lines > 0 ? `${text.trimEnd().split('\n').slice(-lines).join('\n')}\n` : '';
