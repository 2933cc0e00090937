// @ts-check
// A fake ramdisk: told that a machine has changed, it looks whether the machine has just been switched on to boot from
// the network, and if so posts what it found, as the agent of the original does (contract introspection §5).
import { once } from 'node:events';
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { portOf } from '../../lib/free-port.mjs';

/**
 * A machine as its emulator tells of it.
 * @typedef {{ name: string, power_state: string, boot_device?: string }} Told
 */
/**
 * What a machine is.
 * @typedef {{ mac: string, ip: string, otherMac: string, cpus: number, memoryMb: number }} Hardware
 */

const BOOT_MS = 500;
const GIB = 1024 ** 3;

/** What the ramdisk of a machine finds. @param {Hardware} hardware */
export const inventoryOf = ({ mac, ip, otherMac, cpus, memoryMb }) => ({
  inventory: {
    bmc_address: '0.0.0.0',
    boot: { current_boot_mode: 'bios', pxe_interface: mac },
    cpu: {
      architecture: 'x86_64',
      count: cpus,
      flags: ['fpu', 'vmx', 'aes'],
      frequency: '2100.084',
      model_name: 'Xeon',
    },
    disks: [{ name: '/dev/vda', size: 13 * GIB, rotational: true, model: '', serial: null, wwn: null }],
    hostname: 'ramdisk',
    interfaces: [
      { name: 'eth0', mac_address: mac, ipv4_address: ip, has_carrier: true, lldp: null },
      { name: 'eth1', mac_address: otherMac, ipv4_address: null, has_carrier: false, lldp: null },
    ],
    memory: { physical_mb: memoryMb, total: (memoryMb - 48) * 1024 * 1024 },
    system_vendor: { manufacturer: 'Nefos', product_name: 'Emulated', serial_number: 'N1' },
  },
  root_disk: { name: '/dev/vda', size: 13 * GIB },
  boot_interface: `01-${mac.replaceAll(':', '-')}`,
  configuration: { collectors: ['default', 'logs'], managers: [] },
  logs: 'H4sIAAAAAAAAAwMAAAAAAAAAAAA=',
  error: null,
});

/**
 * @param {string} callback where ramdisks post
 * @param {Record<string, Hardware>} rack by the name of the machine
 */
export const startAgent = async (callback, rack) => {
  /** @type {Record<string, { told: Told[], boots: number, answers: number[] }>} */
  const seen = {};
  const boot = async (/** @type {string} */ name, /** @type {Hardware} */ hardware) => {
    await sleep(BOOT_MS);
    const res = await fetch(callback, { method: 'POST', body: JSON.stringify(inventoryOf(hardware)) });
    seen[name]?.answers.push(res.status);
  };
  const hear = (/** @type {Told} */ told) => {
    const one = (seen[told.name] ??= { told: [], boots: 0, answers: [] });
    const was = one.told.at(-1)?.power_state ?? 'Off';
    one.told.push(told);
    if (told.power_state !== 'On' || was === 'On') return;
    one.boots += 1;
    const hardware = rack[told.name];
    if (hardware && told.boot_device?.toLowerCase() === 'pxe') void boot(told.name, hardware).catch(() => undefined);
  };
  const server = http.createServer((req, res) => {
    let text = '';
    req.on('data', (part) => (text += part));
    req.on('end', () => {
      res.writeHead(204).end();
      hear(JSON.parse(text));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${portOf(server).port}`,
    /** What came of a machine. @param {string} name */
    of: (name) => seen[name] ?? { told: [], boots: 0, answers: [] },
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
};
