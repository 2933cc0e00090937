// @ts-check
// From a BMC's address to a described machine: the openstack command registers it and starts a run; Nefos switches it
// over Redfish or IPMI; a fake ramdisk reports; the run ends.
import { bold, step } from '../../lib/progress.mjs';
import { has, provide } from '../../lib/provide.mjs';
import { type } from '../faces/walk.mjs';
import { startAgent } from './agent.mjs';
import { startIpmiSim } from './ipmi-sim.mjs';
import { startSushyEmulator } from './sushy-emulator.mjs';
import { eventually } from './world.mjs';

const REDFISH = {
  name: 'e2e-redfish',
  uuid: '27946b59-9e44-4fa7-8e91-f3527a1ef094',
  hardware: { mac: '52:54:00:e2:e0:01', otherMac: '52:54:00:e2:e0:02', ip: '198.51.100.21', cpus: 8, memoryMb: 4096 },
};
const IPMI = {
  name: 'e2e-ipmi',
  hardware: { mac: '52:54:00:e2:e0:11', otherMac: '52:54:00:e2:e0:12', ip: '198.51.100.22', cpus: 4, memoryMb: 2048 },
};
const PASSWORD = 'bmc-pass-word-7';

/**
 * Registers a machine and inspects it, with what must hold of every one of them.
 * @param {{ world: import('./world.mjs').World, command: string, agent: Awaited<ReturnType<typeof startAgent>> }} site
 * @param {typeof IPMI} machine
 * @param {string[]} bmc arguments of `node create`
 * @param {import('../reporter.mjs').Reporter} reporter
 */
const inspect = async ({ world, command, agent }, { name, hardware }, bmc, { check }) => {
  const typed = (/** @type {string[]} */ ...words) => type(command, ['baremetal', ...words], world.envs.user);
  const json = async (/** @type {string[]} */ ...words) => {
    const { out, text } = await typed(...words, '-f', 'json');
    try {
      return JSON.parse(out);
    } catch {
      throw new Error(text);
    }
  };
  await check(`node create ${bmc[1]}: the password is in no answer`, async () => {
    const { status, text } = await typed('node', 'create', '--name', name, ...bmc);
    const shown = await typed('node', 'show', name);
    return [status === 0 && !text.includes(PASSWORD) && !shown.text.includes(PASSWORD), text, shown.text];
  });
  const { uuid } = await json('node', 'show', name, '--fields', 'uuid');
  await check('port create of the card that does not boot, by which the machine is recognised', async () => {
    const { status, text } = await typed('port', 'create', hardware.otherMac, '--node', uuid);
    return [status === 0, text];
  });
  await check('introspection start --wait: the run ends well', async () => {
    const rows = await json('introspection', 'start', '--wait', name);
    return [rows.length === 1 && rows[0].Error === null, rows, (await json('introspection', 'status', name)).error];
  });
  await check('the ramdisk was booted once, and its report taken', () => {
    const { boots, answers } = agent.of(name);
    return [boots === 1 && answers.length === 1 && answers[0] === 200, agent.of(name)];
  });
  await check('the properties are there', async () => {
    const { properties } = await json('node', 'show', name, '--fields', 'properties');
    const wanted = {
      cpus: String(hardware.cpus),
      memory_mb: String(hardware.memoryMb),
      local_gb: '12',
      cpu_arch: 'x86_64',
    };
    return [Object.entries(wanted).every(([key, value]) => properties[key] === value), properties];
  });
  await check('the port of the card that booted was made, and the other one does not boot', async () => {
    /** @type {any[]} */
    const ports = await json('port', 'list', '--node', uuid, '--fields', 'address', 'pxe_enabled');
    const boots = Object.fromEntries(ports.map(({ address, pxe_enabled: boot }) => [address, boot]));
    return [ports.length === 2 && boots[hardware.mac] === true && boots[hardware.otherMac] === false, ports];
  });
  return uuid;
};

/** @param {Parameters<typeof inspect>[0]} site @param {{ sushy: string, dir: string }} programs
 * @param {import('../reporter.mjs').Reporter} reporter */
const overRedfish = async (site, { sushy, dir }, reporter) => {
  console.log(bold('\nend to end over Redfish: sushy-emulator'));
  const { name, uuid, hardware } = REDFISH;
  const bmc = await startSushyEmulator(sushy, { dir, notify: site.agent.url, system: { name, uuid, ...hardware } });
  try {
    const info = [
      `redfish_address=${bmc.url}`,
      `redfish_system_id=${bmc.path}`,
      'redfish_username=operator',
      `redfish_password=${PASSWORD}`,
      'redfish_verify_ca=false',
    ];
    const words = ['--driver', 'redfish', ...info.flatMap((one) => ['--driver-info', one])];
    const { check } = reporter;
    await inspect(site, REDFISH, words, reporter);
    await check('it was set to boot from the network over Redfish', async () => {
      const told = site.agent.of(name).told.map((one) => one.boot_device);
      return [told.includes('Pxe'), told];
    });
    await check('it is off again over Redfish', async () => {
      const off = await eventually(async () => ((await bmc.system()).PowerState === 'Off' ? true : undefined), 30);
      return [off === true, await bmc.system()];
    });
    await check('it is shown as off', async () => {
      const node = await eventually(async () => {
        const { body } = await site.world.call('GET', `/baremetal/v1/nodes/${name}`);
        return body.power_state === 'power off' ? body : undefined;
      }, 60);
      return [node !== undefined, node];
    });
  } finally {
    await bmc.stop();
  }
};
/**
 * @param {Parameters<typeof inspect>[0]} site @param {string} dir
 * @param {import('../reporter.mjs').Reporter} reporter
 */
const overIpmi = async (site, dir, reporter) => {
  console.log(bold('\nend to end over IPMI: ipmi_sim'));
  const { name } = IPMI;
  const user = 'operator';
  // IPMI has at most 16 octets of a password in a session of version 1.5.
  const bmc = await startIpmiSim({ dir, name, notify: site.agent.url, user, password: PASSWORD });
  try {
    const info = [
      'ipmi_address=127.0.0.1',
      `ipmi_port=${bmc.port}`,
      `ipmi_username=${user}`,
      `ipmi_password=${PASSWORD}`,
      'ipmi_cipher_suite=3',
    ];
    const words = ['--driver', 'ipmi', ...info.flatMap((one) => ['--driver-info', one])];
    await inspect(site, IPMI, words, reporter);
    const { check } = reporter;
    await check('it was set to boot from the network, then switched on, once', () => {
      const told = bmc.commands();
      const [pxe, on] = [told.indexOf('set boot pxe'), told.indexOf('set power 1')];
      return [pxe >= 0 && pxe < on && on === told.lastIndexOf('set power 1'), told];
    });
    await check('it is off again', async () => [
      (await eventually(async () => (bmc.isOn() ? undefined : true), 60)) === true,
      bmc.commands(),
    ]);
  } finally {
    await bmc.stop();
  }
};

/**
 * @param {import('./world.mjs').World} world
 * @param {{ command: string, dir: string, provideSushy: () => { bin: (command: string) => string,
 *   why: string | undefined } }} programs
 * @param {import('../reporter.mjs').Reporter} reporter
 */
export const tryEndToEnd = async (world, { command, dir, provideSushy }, reporter) => {
  const agent = await startAgent(`${world.gateway}/v1/continue`, {
    [REDFISH.name]: REDFISH.hardware,
    [IPMI.name]: IPMI.hardware,
  });
  const site = { world, command, agent };
  try {
    const { bin, why } = await step('sushy-emulator', async () => provideSushy());
    if (why) reporter.skip('sushy-emulator', why);
    else await overRedfish(site, { sushy: bin('sushy-emulator'), dir }, reporter);
    const missing = await step('ipmitool, ipmi_sim', () =>
      provide(['ipmitool', 'openipmi'], () => has('ipmitool') && has('ipmi_sim')),
    );
    if (missing) reporter.skip('ipmi_sim', missing);
    else await overIpmi(site, dir, reporter);
  } finally {
    agent.stop();
  }
};
