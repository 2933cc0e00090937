import { DriverError, type ComputeDriver } from '../driver.js';
import { netdevOf, nicDevice } from './qemu-command.js';
import { freeSlot, hasDevice, unplug } from './qemu-devices.js';
import type { QemuHost } from './qemu-host.js';
import { holdMachine, isRunning, withQmp } from './qemu-machines.js';
import { makeNic, releaseNic } from './qemu-network.js';
import { demandAwake, invalidState } from './qemu-state.js';
import { advance } from './qemu-tasks.js';

/** Network interfaces of machines, also while they run. */
export const portCalls = (host: QemuHost) =>
  ({
    attachPort: ({ portalId }, nic) =>
      holdMachine(host, portalId, async (machine) => {
        if (!(await advance(machine))) throw invalidState('The machine changes at the moment.');
        const { vm } = machine;
        let found = vm.nics.find(({ portId }) => portId === nic.portId);
        if (!found) {
          demandAwake(vm);
          found = { ...(await makeNic(host, portalId, nic, nic.portId)), slot: freeSlot(machine) };
          vm.nics.push(found);
          await machine.save();
        }
        if (!(await isRunning(machine))) return;
        const { id } = found;
        await withQmp(machine, async (qmp) => {
          if (await hasDevice(qmp, `dev-${id}`)) return;
          await qmp.execute('netdev_add', netdevOf(found, host.settings.outbound)).catch((err: unknown) => {
            if (!(err instanceof DriverError && err.code === 'CONFLICT')) throw err;
          });
          await qmp.execute('device_add', nicDevice(found));
        });
      }),
    detachPort: ({ portalId }, { portId, mac }) =>
      holdMachine(host, portalId, async (machine) => {
        if (!(await advance(machine))) throw invalidState('The machine changes at the moment.');
        const { vm } = machine;
        const found = vm.nics.find((one) => one.portId === portId || (one.portId === null && one.mac === mac));
        if (!found) return;
        demandAwake(vm);
        if (await isRunning(machine)) {
          await unplug(machine, `dev-${found.id}`);
          await withQmp(machine, (qmp) => qmp.execute('netdev_del', { id: found.id })).catch((err: unknown) => {
            if (!(err instanceof DriverError && err.code === 'NOT_FOUND')) throw err;
          });
        }
        vm.nics = vm.nics.filter((one) => one !== found);
        await machine.save();
        await releaseNic(host, portalId, found);
      }),
  }) satisfies Partial<ComputeDriver>;
