import { type ComputeDriver, type Ref } from '../driver.js';
import { lastLines } from './qemu-console.js';
import { discard } from './qemu-files.js';
import type { QemuHost } from './qemu-host.js';
import { takeRoom } from './qemu-hosts.js';
import { holdMachine, isRunning, kill, machineOf, powerOf, readVm, withQmp, type Machine } from './qemu-machines.js';
import { releaseAll } from './qemu-network.js';
import { invalidState, missing, type Task } from './qemu-state.js';
import { advance, drive } from './qemu-tasks.js';
import { detachAll } from './qemu-volume-attachments.js';

/** Begins changes of machines. */
export interface Actor {
  /**
   * @param plan what is to be done to the machine, which has no task; null: it is as wanted
   * @param over kinds of tasks that this one ends; one of the same kind goes on
   */
  begin: (
    ref: Ref,
    kind: Task['kind'],
    plan: (m: Machine) => Promise<Task | null>,
    over?: Task['kind'][],
  ) => Promise<void>;
}
export const createActor = (host: QemuHost, isClosed: () => boolean): Actor => ({
  begin: async ({ portalId }, kind, plan, over = []) => {
    await holdMachine(host, portalId, async (machine) => {
      const { vm } = machine;
      if (vm.task && !over.includes(vm.task.kind)) await advance(machine);
      if (vm.task?.kind === kind && !over.includes(kind)) return;
      if (vm.task && !over.includes(vm.task.kind)) throw invalidState(`The machine is ${vm.task.kind} at the moment.`);
      const task = await plan(machine);
      if (vm.fault !== null || task || vm.task) {
        vm.fault = null;
        vm.task = task;
        await machine.save();
      }
      if (!task) return;
      await advance(machine);
    });
    drive(host, portalId, isClosed);
  },
});

export const deadlineIn = (seconds: number): number => Date.now() + seconds * 1000;
const runningOnly = async (machine: Machine): Promise<void> => {
  if (!(await isRunning(machine))) throw invalidState('The machine does not run.');
};
/** A call that is over when it returns. */
const atOnce = (host: QemuHost, { portalId }: Ref, work: (machine: Machine) => Promise<void>): Promise<void> =>
  holdMachine(host, portalId, async (machine) => {
    if (!(await advance(machine))) throw invalidState('The machine changes at the moment.');
    await runningOnly(machine);
    await work(machine);
  });

export const powerCalls = (host: QemuHost, { begin }: Actor) =>
  ({
    start: (ref) =>
      begin(ref, 'start', async (machine) => {
        const { powerState } = await powerOf(machine);
        if (powerState === 1) return null;
        if (powerState === 3) throw invalidState('The machine is paused.');
        return machine.vm.suspended ? { kind: 'resume' } : { kind: 'start' };
      }),
    stop: (ref, { graceSeconds }) =>
      begin(
        ref,
        'stop',
        async (machine) => {
          if (machine.vm.suspended) return { kind: 'stop', deadline: 0 };
          return (await isRunning(machine)) ? { kind: 'stop', deadline: deadlineIn(graceSeconds) } : null;
        },
        ['reboot'],
      ),
    reboot: (ref, { type, graceSeconds }) =>
      begin(
        ref,
        'reboot',
        async (machine) => {
          if (!(await isRunning(machine)) && type === 'SOFT') throw invalidState('The machine does not run.');
          return { kind: 'reboot', deadline: type === 'SOFT' ? deadlineIn(graceSeconds) : 0 };
        },
        type === 'HARD' ? ['stop', 'reboot'] : [],
      ),
    pause: (ref) => atOnce(host, ref, (machine) => withQmp(machine, async (qmp) => void (await qmp.execute('stop')))),
    unpause: (ref) => atOnce(host, ref, (machine) => withQmp(machine, async (qmp) => void (await qmp.execute('cont')))),
    suspend: (ref) =>
      begin(ref, 'suspend', async (machine) => {
        if (machine.vm.suspended) return null;
        await runningOnly(machine);
        const gb = Math.floor(machine.vm.size.memoryMb / 1024);
        await takeRoom(host, { has: (room) => room.fitsDisk(gb), take: () => Promise.resolve() });
        return { kind: 'suspend' };
      }),
    resume: (ref) =>
      begin(ref, 'resume', async (machine) => {
        if (machine.vm.suspended) return { kind: 'resume' };
        if ((await powerOf(machine)).powerState === 1) return null;
        throw invalidState('The machine is not suspended.');
      }),
    destroy: async ({ portalId }) => {
      await host.locks.hold(portalId, async () => {
        const dir = host.places.machine(portalId);
        await kill({ host, id: portalId, dir } as Machine);
        const vm = await readVm(host, portalId);
        if (vm) await detachAll(machineOf(host, vm));
        await releaseAll(host, portalId);
        await discard(dir, host.places.trash);
      });
    },
    consoleLog: async ({ portalId }, lines) => {
      const vm = await readVm(host, portalId);
      if (!vm) throw missing();
      return lastLines(host.places.machine(portalId), lines);
    },
  }) satisfies Partial<ComputeDriver>;
