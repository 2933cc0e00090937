// @ts-check
// The drivers of BMCs, command by command, against BMCs that others have made: sushy-emulator (sushy-tools, PyPI) for
// Redfish, ipmi_sim (openipmi, Debian) with ipmitool for IPMI. From end to end: scripts/interop/baremetal.
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { bold, step } from '../../lib/progress.mjs';
import { has, provide } from '../../lib/provide.mjs';
import { startIpmiSim } from '../baremetal/ipmi-sim.mjs';
import { startSushyEmulator } from '../baremetal/sushy-emulator.mjs';
import { provideVirtualEnvironment } from '../virtual-environment.mjs';
import { connectTo, failureOf, until } from './connect.mjs';
import { startSecuredEmulator } from './secured-emulator.mjs';

/** @typedef {import('../reporter.mjs').Reporter} Reporter */
/** A directory, and whom the emulators tell of changes. @typedef {{ dir: string, notify: string }} Site */
const UUID = '27946b59-9e44-4fa7-8e91-f3527a1ef0bc';
const MAC = '52:54:00:b0:00:01';
const USER = 'operator';
const PASSWORD = 'bmc-pass-word-7';

/** @param {string} command @param {Site} site @param {Reporter} reporter */
const overRedfish = async (command, { dir, notify }, { check }) => {
  console.log(bold('\nthe redfish driver: sushy-emulator'));
  const system = { uuid: UUID, name: 'bmc-redfish', mac: MAC, ip: '198.51.100.31' };
  const emulator = await startSushyEmulator(command, { dir, notify, system });
  const access = { redfish_address: emulator.url, redfish_username: USER, redfish_password: PASSWORD };
  const bmc = await connectTo('redfish', access);
  try {
    await check('finds the only system; it is off', async () => [(await bmc.powerState()) === 'power off']);
    await check('logs in by Basic, since it has no sessions', () => {
      const log = emulator.output();
      return [/POST \/redfish\/v1\/SessionService\/Sessions .{1,20} 404/.test(log), log.slice(-2000)];
    });
    await check('boot devices are those that it names', async () => {
      const devices = await bmc.supportedBootDevices();
      return [devices.includes('pxe') && devices.includes('disk'), devices];
    });
    await check('boots from the network once', async () => {
      await bmc.setBootDevice('pxe', false);
      const [choice, { Boot }] = [await bmc.bootDevice(), await emulator.system()];
      return [choice.boot_device === 'pxe' && Boot.BootSourceOverrideTarget === 'Pxe', choice, Boot];
    });
    await check('the boot mode is changed and read', async () => {
      const modes = [];
      for (const mode of /** @type {const} */ (['bios', 'uefi'])) {
        await bmc.setBootMode(mode);
        modes.push(await bmc.bootMode());
      }
      return [modes.join() === 'bios,uefi', modes];
    });
    for (const [command, state] of /** @type {const} */ ([
      ['on', 'power on'],
      ['off', 'power off'],
      ['on', 'power on'],
      ['soft off', 'power off'],
    ]))
      await check(`switches it ${command}, and sees that it is`, async () => {
        await bmc.order(command);
        return [await until(async () => (await bmc.powerState()) === state), await emulator.system()];
      });
    await check('reads what there is; what fails with 501 and 500 is unknown', async () => {
      const found = await bmc.inventory?.();
      const { interfaces, disks } = /** @type {any} */ (found?.inventory);
      return [interfaces[0]?.mac_address === MAC && disks.length === 0, found];
    });
    const nobody = await connectTo('redfish', { ...access, redfish_system_id: '/redfish/v1/Systems/none' });
    await check('a system that it does not have is named in the error', async () => {
      const failure = await failureOf(nobody.powerState());
      return [failure.failure === 'unsupported' && failure.message.includes('Systems/none'), failure];
    });
  } finally {
    await bmc.close();
    await emulator.stop();
  }
};
/** @param {string} command @param {string} dir @param {Reporter} reporter */
const overTls = async (command, dir, { check }) => {
  console.log(bold('\nthe redfish driver: sushy-emulator with TLS and a user'));
  const emulator = await startSecuredEmulator(command, { dir, uuid: UUID, user: USER, password: PASSWORD });
  const access = { redfish_address: emulator.url, redfish_username: USER, redfish_password: PASSWORD };
  /** @param {Record<string, string | boolean>} info */
  const state = async (info) => {
    const bmc = await connectTo('redfish', { ...access, ...info }, { caDirectory: dir });
    return bmc.powerState().finally(() => bmc.close());
  };
  try {
    await check('a certificate that nobody trusts is refused', async () => {
      const { failure, message } = await failureOf(state({}));
      return [failure === 'configuration' && message.includes('certificate'), failure, message];
    });
    await check('it is trusted by the file that the node names', async () => [
      (await state({ redfish_verify_ca: emulator.certificate })) === 'power off',
    ]);
    await check('it is not looked at where the node says so', async () => [
      (await state({ redfish_verify_ca: 'false' })) === 'power off',
    ]);
    await check('a wrong password: the credentials are refused, and not repeated', async () => {
      const wrong = { redfish_verify_ca: false, redfish_password: 'wrong-word' };
      const { failure, message } = await failureOf(state(wrong));
      return [failure === 'credentials' && !message.includes('wrong-word'), failure, message];
    });
  } finally {
    await emulator.stop();
  }
};
/** @param {Site} site @param {Reporter} reporter */
const overIpmi = async ({ dir, notify }, { check }) => {
  console.log(bold('\nthe ipmi driver: ipmitool and ipmi_sim'));
  const simulator = await startIpmiSim({ dir, name: 'bmc-ipmi', notify, user: USER, password: PASSWORD });
  const access = { ipmi_address: '127.0.0.1', ipmi_port: simulator.port, ipmi_username: USER, ipmi_cipher_suite: 3 };
  const bmc = await connectTo('ipmi', { ...access, ipmi_password: PASSWORD });
  try {
    await check('it is off', async () => [(await bmc.powerState()) === 'power off', simulator.commands()]);
    await check('boots from the network once, the flags kept before', async () => {
      await bmc.beforeBootDevice?.();
      await bmc.setBootDevice('pxe', false);
      const choice = await bmc.bootDevice();
      return [choice.boot_device === 'pxe' && simulator.commands().includes('set boot pxe'), choice];
    });
    for (const [command, state, isOn] of /** @type {const} */ ([
      ['on', 'power on', true],
      ['off', 'power off', false],
    ]))
      await check(`switches it ${command}, and sees that it is`, async () => {
        await bmc.order(command);
        return [(await bmc.powerState()) === state && simulator.isOn() === isOn, simulator.commands()];
      });
    const wrong = await connectTo('ipmi', { ...access, ipmi_password: 'wrong-word' });
    await check('a wrong password: a failure that says so and does not repeat it', async () => {
      const { failure, message } = await failureOf(wrong.powerState());
      return [
        failure === 'unreachable' && message.includes('ipmi_password') && !message.includes('wrong-word'),
        message,
      ];
    });
  } finally {
    await bmc.close();
    await simulator.stop();
  }
  await check('one that is away is unreachable', async () => {
    const { failure } = await failureOf(bmc.powerState());
    return [failure === 'unreachable', failure];
  });
};

/** @param {Reporter} reporter */
export const tryBmcDrivers = async (reporter) => {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'nefos-bmc-'));
  const told = createServer((req, res) => void req.resume().on('end', () => res.end()));
  await new Promise((resolve) => told.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (told.address());
  const site = { dir, notify: `http://127.0.0.1:${port}/` };
  try {
    const sushy = await step('sushy-tools', async () => provideVirtualEnvironment('sushy', ['sushy-tools']));
    if (sushy.why) reporter.skip('the redfish driver', sushy.why);
    else await overRedfish(sushy.bin('sushy-emulator'), site, reporter);
    const noTls = sushy.why ?? provide(['openssl'], () => has('openssl'));
    if (noTls) reporter.skip('the redfish driver over TLS', noTls);
    else await overTls(sushy.bin('sushy-emulator'), dir, reporter);
    const isThere = () => has('ipmitool') && has('ipmi_sim');
    const noIpmi = await step('ipmitool and ipmi_sim', async () => provide(['ipmitool', 'openipmi'], isThere));
    if (noIpmi) reporter.skip('the ipmi driver', noIpmi);
    else await overIpmi(site, reporter);
  } finally {
    told.close();
    rmSync(dir, { recursive: true, force: true });
  }
};
