// @ts-check
// Volumes, snapshots, backups, types.
import { does, fails, shows } from './step.mjs';

const staff = { as: /** @type {const} */ ('staff') };
const named = (/** @type {any[]} */ rows, /** @type {string} */ name) => rows.find((one) => one.Name === name);
/**
 * Asks until the thing has the status.
 * @param {string} line
 * @param {string} status
 * @returns {ReturnType<typeof shows>}
 */
const until = (line, status) => shows(line, (out) => out.status === status, { env: { UNTIL: status } });

export const volumeSteps = [
  shows('volume create --size 1 --description disk {p}volume', (out, m) => (m.volume = out.id)),
  until('volume show {p}volume', 'available'),
  shows('volume list', (out, m) => named(out, `${m.p}volume`)?.Size === 1),
  shows('volume list --long', (out, m) => named(out, `${m.p}volume`)),
  does('volume set --name {p}volume2 --description other --property a=1 {volume}'),
  shows('volume show {volume}', (out, m) => out.name === `${m.p}volume2` && /"a"/.test(JSON.stringify(out.properties))),
  does('volume unset --property a {volume}'),
  does('volume set --size 2 {volume}'),
  until('volume show {volume}', 'available'),
  shows('volume show {volume}', (out) => out.size === 2),
  fails('volume show {volume}', /No volume|not found|could not/i, { as: 'stranger' }),
  shows('volume snapshot create --volume {volume} --description snap {p}snap', (out, m) => (m.snap = out.id)),
  until('volume snapshot show {p}snap', 'available'),
  shows('volume snapshot list', (out, m) => named(out, `${m.p}snap`)),
  does('volume snapshot set --description later {p}snap'),
  shows('volume snapshot show {p}snap', (out) => out.description === 'later'),
  shows('volume create --snapshot {p}snap {p}copy', (out, m) => (m.copy = out.id)),
  until('volume show {p}copy', 'available'),
  shows('volume backup create --name {p}backup {volume}', (out, m) => (m.backup = out.id)),
  until('volume backup show {p}backup', 'available'),
  shows('volume backup list', (out, m) => named(out, `${m.p}backup`)),
  does('volume backup restore --force {p}backup {p}copy', {
    only: 'new',
    doc: 'onto a volume that is there: --force; 6.0.0 restores, and then fails to print the answer',
  }),
  until('volume show {p}copy', 'available'),
  does('volume backup delete {p}backup'),
  shows('volume create --image {p}image --size 1 {p}boot', (out, m) => (m.boot = out.id)),
  until('volume show {p}boot', 'available'),
  shows('volume show {p}boot', (out) => String(out.bootable) === 'true'),
  shows('volume type list', (out) => Array.isArray(out)),
  shows('volume type create {p}type', (out) => out.id, staff),
  does('volume type set --description fast {p}type', staff),
  shows('volume type show {p}type', (out) => out.description === 'fast', staff),
  does('volume type delete {p}type', staff),
  shows('volume service list', (out) => Array.isArray(out), staff),
  shows('availability zone list --volume', (out) => out.length > 0),
];
export const lastVolumeSteps = [
  does('volume snapshot delete {p}snap'),
  does('volume delete {p}copy'),
  does('volume delete {p}boot'),
  { ...shows('volume snapshot list', (out, m) => !named(out, `${m.p}snap`)), env: { UNTIL: 'gone' } },
  does('volume delete {volume}'),
  { ...shows('volume list', (out, m) => !named(out, `${m.p}volume2`)), env: { UNTIL: 'gone' } },
];
