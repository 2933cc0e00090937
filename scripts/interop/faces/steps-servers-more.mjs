// @ts-check
// What else is done to a server: its addresses, its history, its migrations; and what is refused.
import { does, fails, shows } from './step.mjs';

const staff = { as: /** @type {const} */ ('staff') };
/** @param {string} version of the compute API @param {Partial<import('./step.mjs').Step>} [more] */
const since = (version, more = {}) => ({ ...more, env: { ...more.env, OS_COMPUTE_API_VERSION: version } });
/** @param {string} line @param {string} status */
const until = (line, status) => shows(line, (out) => out.status === status, { env: { UNTIL: status } });
/** Asks until the server has the address, or has it no longer. @param {string} address @param {boolean} there */
const address = (address, there) =>
  shows('server show {p}more', (out) => JSON.stringify(out.addresses).includes(address) === there, {
    env: { UNTIL: 'the addresses' },
  });

const networks = [
  does('server add network {p}more {p}side'),
  address('10.79.0.', true),
  does('server remove network {p}more {p}side'),
  address('10.79.0.', false),
  does('server add fixed ip --fixed-ip-address 10.79.0.9 {p}more {p}side', since('2.49', { only: 'new' })),
  // 6.0.0 names the address in a way that Nova itself refuses from 2.44 on; without one, it works.
  does('server add fixed ip {p}more {p}side', { only: 'old' }),
  shows(
    'server show {p}more',
    (out, m) => {
      [m.fixed] = /10\.79\.0\.\d+/.exec(JSON.stringify(out.addresses)) ?? [];
      return m.fixed;
    },
    { env: { UNTIL: 'a second address' } },
  ),
  fails(
    'server remove fixed ip {p}more {fixed}',
    /last address of the interface/,
    since('2.43', {
      only: 'new',
      doc:
        'below 2.44, as in Nova; the last address of an interface goes with its port; 6.0.0 fails by itself, ' +
        'with the novaclient of today',
    }),
  ),
  does('server remove network {p}more {p}side'),
  address('10.79.0.', false),
];
/** @param {string} version of the volume API */
const volumes = (version) => ({ env: { OS_VOLUME_API_VERSION: version } });
const attachments = [
  shows('volume attachment create {p}data {p}more', (out, m) => (m.attachment = out.ID ?? out.id), volumes('3.27')),
  until('volume show {p}data', 'in-use'),
  shows('volume attachment list', (out, m) => JSON.stringify(out).includes(m.attachment), volumes('3.27')),
  shows('volume attachment show {attachment}', (out, m) => JSON.stringify(out).includes(m.data), volumes('3.27')),
  does('volume attachment complete {attachment}', volumes('3.44')),
  fails('volume attachment set --host elsewhere {attachment}', /400|not supported|connector/i, {
    ...volumes('3.27'),
    doc: 'the hypervisor connects: hosts have no part in it',
  }),
  does('volume attachment delete {attachment}', volumes('3.27')),
  until('volume show {p}data', 'available'),
];
const disks = [
  shows('volume create --size 1 {p}data', (out, m) => (m.data = out.id)),
  until('volume show {p}data', 'available'),
  does('server add volume {p}more {p}data', { json: false }),
  until('volume show {p}data', 'in-use'),
  does('server volume update --delete-on-termination {p}more {data}', since('2.85')),
  shows('server volume list {p}more', (out, m) => JSON.stringify(out).includes(m.data)),
  does('server volume set --preserve-on-termination {p}more {data}', since('2.85')),
  does('server remove volume {p}more {p}data'),
  until('volume show {p}data', 'available'),
  ...attachments,
  does('volume delete {p}data'),
];
const history = [
  shows('server event list {p}more', (out, m) => {
    m.event = out.find((/** @type {any} */ one) => one.Action === 'create')?.['Request ID'];
    return m.event;
  }),
  shows('server event show {p}more {event}', (out, m) => out.action === 'create' && out.request_id === m.event),
  fails('server event show {p}more req-00000000-0000-4000-8000-000000000000', /not found|could not|404/i),
];
const migrations = [
  shows('server migration list', (out) => Array.isArray(out), since('2.59', staff)),
  fails('server migration list', /403|Policy|Forbidden/i, since('2.59')),
  shows('server migration list --server {more}', (out) => Array.isArray(out), since('2.59', staff)),
  fails('server migration show {more} 1', /not found|could not|404/i, since('2.59', staff)),
  fails('server migration abort {more} 1', /not found|could not|404/i, since('2.59', staff)),
  fails('server migration force complete {more} 1', /not found|could not|404/i, since('2.59', staff)),
  does('server migrate --wait {more}', staff),
  shows('server show {more}', (out) => /VERIFY_RESIZE|ACTIVE/.test(out.status), {
    ...staff,
    env: { UNTIL: 'settled' },
  }),
  does('server migration revert {more}', staff),
  until('server show {p}more', 'ACTIVE'),
  does('server migrate --wait {more}', staff),
  does('server migrate revert {more}', { ...staff, doc: 'the same as `server migration revert`' }),
  until('server show {p}more', 'ACTIVE'),
  does('server migrate --wait {more}', staff),
  does('server migration confirm {more}', staff),
  shows(
    'server migration list --server {more}',
    (out) => ['confirmed', 'reverted', 'reverted'].every((status, i) => out[i].Status === status),
    since('2.59', { ...staff, env: { UNTIL: 'what came of them' } }),
  ),
  until('server show {p}more', 'ACTIVE'),
];
const refused = [
  fails('server dump create {p}more', /501|not supported|not implemented/i, {
    ...since('2.17'),
    doc: 'no hypervisor here makes dumps of a guest',
  }),
  fails('server restore {more}', /501|not supported|not implemented/i, { doc: 'what is deleted is gone' }),
  fails('server evacuate {more}', /501|not supported|not implemented|ACTIVE|409/i, {
    ...staff,
    doc: "a host that is down is the hypervisor's affair",
  }),
  shows('server ssh --help', () => true, {
    json: false,
    doc: 'asks `server show` for the address, and starts `ssh` on the machine where it is typed',
  }),
  fails('server share list {p}more', /2\.97|not found|404|endpoint/i),
  fails('server add share {p}more 00000000-0000-4000-8000-000000000000', /2\.97|not found|404|endpoint/i),
  fails('server remove share {p}more 00000000-0000-4000-8000-000000000000', /2\.97|not found|404|endpoint/i),
];
const groups = [
  shows('server group list', (out) => out.length === 0),
  fails('server group create --policy affinity {p}together', /501|not supported/i, {
    doc: 'the hypervisor chooses hosts',
  }),
  fails('server group show 00000000-0000-4000-8000-000000000000', /not found|could not|No .*group/i, {
    only: 'new',
    doc: '6.0.0 fails by itself where there is none',
  }),
  fails('server group delete 00000000-0000-4000-8000-000000000000', /not found|could not|No .*group/i, {
    only: 'new',
    doc: '6.0.0 fails by itself where there is none',
  }),
];

export const moreServerSteps = [
  shows('network create {p}side', (out) => out.id),
  shows('subnet create --network {p}side --subnet-range 10.79.0.0/24 {p}side-net', (out) => out.id),
  shows('server create --flavor {p}tiny --image {p}image --network {p}net --wait {p}more', (out, m) => {
    m.more = out.id;
    return out.status === 'ACTIVE';
  }),
  ...networks,
  ...disks,
  ...history,
  ...migrations,
  ...refused,
  ...groups,
  does('server delete --wait {p}more'),
  does('network delete {p}side'),
];
