import { enqueue } from '@nefos/service-kit';
import { textOf, wholeOf, type JsonObject } from '../values.js';
import {
  BmcError,
  validationOf,
  BOOT_DEVICES,
  type Bmc,
  type BmcDriver,
  type BmcSite,
  type BmcTarget,
  type BootDevice,
  type BootMode,
} from './domain/driver.js';
import { isSample, sampleReport, SAMPLES } from './domain/samples.js';
import { BOOT_SIMULATED } from './domain/task-names.js';
import {
  ensureSimulatedMachine,
  findSimulatedMachine,
  setSimulatedBoot,
  switchSimulatedMachine,
  useUpBootDevice,
  type SimulatedMachineNow,
} from './store/simulated-machines.js';

/** How long a simulated machine takes from its power button to its ramdisk. */
const BOOT_MS = 2000;
const LONGEST_DELAY_MS = 60_000;

interface Options {
  delayMs: number;
  /** The command that fails, as `set_boot_device`, and how. */
  fails: string | undefined;
  sample: string | undefined;
}
const readOptions = (info: JsonObject): Options | string => {
  const { fake_delay_ms: delay, fake_fail: fails, simulated_machine: sample } = info;
  const delayMs = delay === undefined || delay === null ? 0 : wholeOf(delay);
  if (delayMs === undefined || delayMs < 0 || delayMs > LONGEST_DELAY_MS)
    return `fake_delay_ms is no whole number from 0 to ${LONGEST_DELAY_MS}.`;
  if (textOf(sample) !== undefined && !isSample(textOf(sample) ?? ''))
    return `simulated_machine is none of ${SAMPLES.join(', ')}.`;
  return { delayMs, fails: textOf(fails), sample: textOf(sample) };
};
const failWhenTold = ({ fails }: Options, command: string): void => {
  const [name, how] = (fails ?? '').split(':', 2);
  if (name !== command) return;
  const failure = how === 'unreachable' || how === 'busy' || how === 'credentials' ? how : 'refused';
  throw new BmcError(failure, `The simulated BMC fails at ${command}, as fake_fail says.`);
};

const connect = ({ db }: BmcSite, { uuid, info }: BmcTarget): Bmc => {
  const options = readOptions(info);
  /** Looks at the machine; `command` is what it is looked at for. */
  const machine = async (command: string): Promise<{ told: Options; found: SimulatedMachineNow }> => {
    if (typeof options === 'string') throw new BmcError('configuration', options);
    failWhenTold(options, command);
    await ensureSimulatedMachine(db, uuid);
    const found = await findSimulatedMachine(db, uuid);
    if (!found) throw new BmcError('refused', 'The simulated machine is gone.');
    return { told: options, found };
  };
  return {
    powerState: async () => {
      const { found } = await machine('power_state');
      const isOn = (found.powerState === 'power on') !== found.isChanging;
      return isOn ? 'power on' : 'power off';
    },
    order: async (command) => {
      const { told } = await machine(command === 'on' ? 'power_on' : 'power_off');
      const state = command === 'on' ? 'power on' : 'power off';
      await db.transaction(async (tx) => {
        const switched = await switchSimulatedMachine(tx, uuid, state, told.delayMs);
        if (command !== 'on' || told.sample === undefined || switched?.bootDevice !== 'pxe') return;
        await useUpBootDevice(tx, uuid);
        await enqueue(
          tx,
          BOOT_SIMULATED,
          { node: uuid, start: switched.poweredOn },
          { key: `${BOOT_SIMULATED}:${uuid}`, runAt: new Date(Date.now() + told.delayMs + BOOT_MS), maxAttempts: 5 },
        );
      });
    },
    bootDevice: async () => {
      const { found } = await machine('boot_device');
      return { boot_device: found.bootDevice as BootDevice, persistent: found.persistent };
    },
    setBootDevice: async (bootDevice, persistent) => {
      await machine('set_boot_device');
      await setSimulatedBoot(db, uuid, { bootDevice, persistent });
    },
    supportedBootDevices: () => Promise.resolve([...BOOT_DEVICES]),
    bootMode: async () => (await machine('boot_mode')).found.bootMode as BootMode,
    setBootMode: async (bootMode) => {
      await machine('set_boot_mode');
      await setSimulatedBoot(db, uuid, { bootMode });
    },
    inventory: async () => {
      const { told } = await machine('inventory');
      if (told.sample === undefined)
        throw new BmcError('unsupported', 'Only a node with simulated_machine in driver_info has data to read.');
      return sampleReport(told.sample, { uuid, macs: [], bmcAddress: null });
    },
    close: () => Promise.resolve(),
  };
};

/** Machines that exist in a table only: for tests and demonstrations. Their BMCs are contacted nowhere. */
export const fakeHardware: BmcDriver = {
  name: 'fake-hardware',
  managesPower: true,
  inspectsOutOfBand: true,
  validate: ({ info }) => validationOf(readOptions(info)),
  turnKey: ({ uuid }) => uuid,
  pauseMs: () => 0,
  connect,
};
