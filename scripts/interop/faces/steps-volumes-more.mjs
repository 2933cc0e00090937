// @ts-check
// What else is done to volumes; and what of Cinder is not here, of which the client is told.
import { absent, does, fails, shows } from './step.mjs';

const staff = { as: /** @type {const} */ ('staff') };
const ID = '00000000-0000-4000-8000-000000000000';
/** @param {string} version of the volume API @param {Partial<import('./step.mjs').Step>} [more] */
const since = (version, more = {}) => ({ ...more, env: { ...more.env, OS_VOLUME_API_VERSION: version } });
/** A list of what there is none of. @param {string} line @param {Partial<import('./step.mjs').Step>} [more] */
const none = (line, more = {}) => shows(line, (out) => out.length === 0, more);
/** @param {string} line @param {string} status */
const until = (line, status) => shows(line, (out) => out.status === status, { env: { UNTIL: status } });
/** What is refused with a sentence of its own, or is not found. */
const SAID = /400|404|not supported|not found|could not|No .* found|there are no|are not/i;

const HOST = "where a volume is, is the hypervisor's affair";

const things = [
  does('volume snapshot set --property a=1 {p}later'),
  does('volume snapshot unset --property a {p}later'),
  shows('volume snapshot show {p}later', (out) => !/"a"/.test(JSON.stringify(out.properties))),
  does('volume revert {p}later', { doc: 'to its newest snapshot' }),
  until('volume show {p}more', 'available'),
  shows('volume summary', (out) => out['Total Count'] > 0, since('3.36')),
  shows('volume backup create --name {p}kept {p}more', (out, m) => (m.kept = out.id)),
  until('volume backup show {p}kept', 'available'),
  does('volume backup set --name {p}kept2 --description kept {p}kept', since('3.43')),
  does('volume backup set --property a=1 {p}kept2', since('3.43')),
  does('volume backup unset --property a {p}kept2', since('3.43')),
  shows('volume backup show {p}kept2', (out) => out.description === 'kept', since('3.43')),
  absent('volume backup record export {kept}', { ...staff, doc: "backups are the hypervisor's: they are not moved" }),
  absent('volume backup record import service metadata', staff),
  does('volume backup delete {p}kept2'),
];
const types = [
  shows('volume type create {p}kind', (out) => out.id, staff),
  does('volume type set --property a=1 {p}kind', staff),
  does('volume type unset --property a {p}kind', staff),
  shows('volume type show {p}kind', (out) => !/"a"/.test(JSON.stringify(out.properties)), staff),
  does('volume type delete {p}kind', staff),
];
const cloud = [
  shows('volume backend pool list', (out) => out.length > 0, staff),
  absent('volume backend capability show nobody@nefos', staff),
  shows('volume service list', (out, m) => (m.volumeHost = out[0]?.Host), staff),
  fails('volume service set --disable {volumeHost} cinder-volume', SAID, {
    ...staff,
    doc: 'regions are enabled in the portal',
  }),
  fails('volume host set --disable nobody@nefos', SAID, { ...staff, doc: HOST }),
  fails('volume host failover --volume-backend other nobody@nefos', SAID, { ...staff, doc: HOST }),
  fails('volume migrate --host other@nefos#pool {spare}', SAID, { ...staff, doc: HOST }),
  shows('block storage resource filter list', (out) => out.length > 0, since('3.33')),
  shows('block storage resource filter show volume', (out) => JSON.stringify(out).includes('status'), {
    ...since('3.33'),
    only: 'new',
    doc: "6.0.0 asks, and does not understand its own library's answer",
  }),
  none('block storage cluster list', since('3.7', staff)),
  fails('block storage log level list', SAID, since('3.32', staff)),
  fails('block storage volume manageable list nobody@nefos', SAID, since('3.8', staff)),
  fails('block storage snapshot manageable list nobody@nefos', SAID, since('3.8', staff)),
  absent('block storage cleanup --binary cinder-volume --host nobody --cluster none', since('3.24', staff)),
];
const families = [
  none('volume message list', since('3.3')),
  fails(`volume message show ${ID}`, SAID, since('3.3')),
  none('volume transfer request list'),
  fails('volume transfer request create {p}more', SAID),
  none('volume qos list', staff),
  fails('volume qos create {p}fast', SAID, staff),
  none('volume group list', since('3.13')),
  fails(`volume group show ${ID}`, SAID, since('3.13')),
  none('volume group type list', since('3.11')),
  fails('volume group type create {p}grouped', SAID, since('3.11', staff)),
  none('volume group snapshot list', since('3.14')),
  fails(`volume group snapshot show ${ID}`, SAID, since('3.14')),
  none('consistency group list', staff),
  fails(`consistency group show ${ID}`, SAID, staff),
  none('consistency group snapshot list', staff),
];

export const moreVolumeSteps = [
  shows('volume create --size 1 {p}more', (out, m) => (m.spare = out.id)),
  until('volume show {p}more', 'available'),
  shows('volume snapshot create --volume {p}more {p}later', (out) => out.id),
  until('volume snapshot show {p}later', 'available'),
  ...things,
  ...types,
  ...cloud,
  ...families,
  does('volume snapshot delete {p}later'),
  {
    ...shows('volume snapshot list', (out, m) => !JSON.stringify(out).includes(`${m.p}later`)),
    env: { UNTIL: 'gone' },
  },
  does('volume delete {p}more'),
];
