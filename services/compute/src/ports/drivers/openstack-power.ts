import { setTimeout as sleep } from 'node:timers/promises';
import { DriverError, type ComputeDriver, type Ref } from '../driver.js';
import { unlessMissing } from './openstack-errors.js';
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
/** @throws DriverError NOT_FOUND, INVALID_STATE and all others */
export const createActor =
  (servers: Servers): Act =>
  async (ref, { body, doing, done, project }) => {
    const server = await servers.demand(ref);
    const task = taskOf(server);
    if (task !== null && doing.includes(task)) return;
    if (task === null && server.status !== 'BUILD' && done?.(server)) return;
    await servers.action(server.id, body, project?.(server));
  };
export const inState =
  (...states: string[]) =>
  (server: Server): boolean =>
    states.includes(vmStateOf(server));

const RUNNING = 1;
/** A call may take 30 s. */
const PATIENCE_MS = 20_000;
const SOFT = ['rebooting', 'reboot_pending', 'reboot_started'];
const HARD = ['rebooting_hard', 'reboot_pending_hard', 'reboot_started_hard'];

/** Start, stop and what else changes the power state. */
export const createPowerCalls = (servers: Servers, act: Act) => {
  /** Waits until the server rests in the state. @throws DriverError INVALID_STATE */
  const comesTo = async (ref: Ref, state: string): Promise<void> => {
    for (const end = performance.now() + PATIENCE_MS; performance.now() < end; await sleep(300)) {
      const server = await servers.demand(ref);
      if (taskOf(server) === null && vmStateOf(server) === state) return;
    }
    throw new DriverError('INVALID_STATE', `The machine does not become ${state}.`);
  };
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
      if (vmStateOf(server) === 'paused') await unpause(ref).then(() => comesTo(ref, 'active'));
      if (vmStateOf(server) === 'suspended') await resume(ref).then(() => comesTo(ref, 'active'));
      await act(ref, { body: { 'os-stop': null }, doing: ['powering-off'], done: inState('stopped') });
    },
    reboot: (ref, { type }) =>
      act(ref, { body: { reboot: { type } }, doing: type === 'SOFT' ? [...SOFT, ...HARD] : HARD }),
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
