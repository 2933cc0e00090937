// @ts-check
// Servers, from their creation to their deletion.
import { does, fails, shows } from './step.mjs';

const staff = { as: /** @type {const} */ ('staff') };
const named = (/** @type {any[]} */ rows, /** @type {string} */ name) => rows.find((one) => one.Name === name);
/** @param {string} line @param {string} status */
const until = (line, status) => shows(line, (out) => out.status === status, { env: { UNTIL: status } });

export const serverSteps = [
  shows(
    'server create --flavor {p}tiny --image {p}image --network {p}net --key-name {p}key ' +
      '--property role=web --wait {p}vm',
    (out, m) => {
      m.server = out.id;
      return out.status === 'ACTIVE' && JSON.stringify(out).includes('adminPass');
    },
  ),
  shows('server list', (out, m) => named(out, `${m.p}vm`)?.Status === 'ACTIVE'),
  shows('server list --long', (out, m) => named(out, `${m.p}vm`)),
  shows('server list --name {p}vm --status ACTIVE', (out) => out.length === 1),
  shows('server list --all-projects', (out, m) => named(out, `${m.p}vm`), staff),
  fails('server list --all-projects', /403|Policy|Forbidden/i),
  shows('server show {p}vm', (out, m) => out.id === m.server && /10\.77\.0\./.test(JSON.stringify(out.addresses))),
  fails('server show {server}', /No server|not found|could not/i, { as: 'stranger' }),
  does('server stop {p}vm'),
  until('server show {p}vm', 'SHUTOFF'),
  does('server start {p}vm'),
  until('server show {p}vm', 'ACTIVE'),
  does('server reboot --wait {p}vm'),
  does('server reboot --hard --wait {p}vm'),
  does('server pause {p}vm'),
  until('server show {p}vm', 'PAUSED'),
  does('server unpause {p}vm'),
  until('server show {p}vm', 'ACTIVE'),
  does('server suspend {p}vm'),
  until('server show {p}vm', 'SUSPENDED'),
  does('server resume {p}vm'),
  until('server show {p}vm', 'ACTIVE'),
  does('server lock {p}vm'),
  does('server unlock {p}vm'),
  does('server set --property a=b {p}vm'),
  shows('server show {p}vm', (out) => /"a"/.test(JSON.stringify(out.properties))),
  does('server unset --property a {p}vm'),
  shows('server show {p}vm', (out) => !/"a"/.test(JSON.stringify(out.properties))),
  does('server set --name {p}vm2 {server}'),
  does('server set --name {p}vm {server}'),
  does('server set --tag t1 {p}vm', { env: { OS_COMPUTE_API_VERSION: '2.26' } }),
  does('server unset --tag t1 {p}vm', { env: { OS_COMPUTE_API_VERSION: '2.26' } }),
  does('server set --description text {p}vm', { env: { OS_COMPUTE_API_VERSION: '2.19' } }),
  does('server resize --flavor {p}small --wait {p}vm'),
  does('server resize confirm {p}vm'),
  until('server show {p}vm', 'ACTIVE'),
  does('server resize --flavor {p}tiny --wait {p}vm'),
  does('server resize revert {p}vm'),
  until('server show {p}vm', 'ACTIVE'),
  shows('server rebuild --image {p}image --wait {p}vm', () => true, { json: false }),
  does('server rescue {p}vm'),
  until('server show {p}vm', 'RESCUE'),
  does('server unrescue {p}vm'),
  until('server show {p}vm', 'ACTIVE'),
  does('server shelve --wait {p}vm', { only: 'new' }),
  does('server shelve {p}vm', { only: 'old' }),
  { ...shows('server show {p}vm', (out) => /^SHELVED/.test(out.status)), env: { UNTIL: 'shelved' } },
  does('server unshelve {p}vm'),
  until('server show {p}vm', 'ACTIVE'),
  shows('server event list {p}vm', (out) => out.some((/** @type {any} */ one) => /create/i.test(JSON.stringify(one)))),
  does('console log show {p}vm'),
  shows('console url show {p}vm', (out) => /^http/.test(out.url)),
  shows('server image create --name {p}snapshot --wait {p}vm', (out) => out.name !== undefined),
  shows('image show {p}snapshot', (out) => out.status === 'active'),
  does('server add volume {p}vm {volume}', { json: false }),
  until('volume show {volume}', 'in-use'),
  shows('server volume list {p}vm', (out, m) => JSON.stringify(out).includes(m.volume)),
  does('server remove volume {p}vm {volume}'),
  until('volume show {volume}', 'available'),
  does('server add floating ip {p}vm {floating}'),
  shows('server show {p}vm', (out, m) => JSON.stringify(out.addresses).includes(m.floating)),
  does('server remove floating ip {p}vm {floating}'),
  does('server add security group {p}vm {p}group'),
  shows('server show {p}vm', (out, m) => JSON.stringify(out.security_groups).includes(`${m.p}group`)),
  does('server remove security group {p}vm {p}group'),
  does('server add port {p}vm {p}port'),
  {
    ...shows('server show {p}vm', (out) => JSON.stringify(out.addresses).includes('10.77.0.77')),
    env: { UNTIL: 'port' },
  },
  does('server remove port {p}vm {p}port'),
  does('server add network {p}vm {p}net'),
  does('server migrate --wait {server}', { ...staff, doc: 'where the region has another host' }),
  {
    ...shows('server show {server}', (out) => /VERIFY_RESIZE|ACTIVE/.test(out.status), staff),
    env: { UNTIL: 'settled' },
  },
  does('server migrate confirm {server}', staff),
  until('server show {p}vm', 'ACTIVE'),
  does('server set --state error {server}', { ...staff, only: 'old' }),
  does('server set --state active {server}', { ...staff, only: 'old' }),
  does('server set --auto-approve --state error {server}', { ...staff, only: 'new' }),
  does('server set --auto-approve --state active {server}', { ...staff, only: 'new' }),
  shows(
    'server create --flavor {p}tiny --volume {p}boot --nic none --wait {p}booted',
    (out) => out.status === 'ACTIVE',
    { env: { OS_COMPUTE_API_VERSION: '2.37' } },
  ),
  shows('server show {p}booted', (out) => /N\/A|volume|""/.test(JSON.stringify(out.image))),
  does('server delete --wait {p}booted'),
  shows(
    'server create --flavor {p}tiny --image {p}image --network {p}net ' +
      '--block-device source_type=blank,destination_type=volume,volume_size=1,delete_on_termination=true,tag=logs ' +
      '--block-device uuid={snap},source_type=snapshot,delete_on_termination=true ' +
      '--block-device uuid={volume},source_type=volume --wait {p}disks',
    (out) => out.status === 'ACTIVE',
    {
      env: { OS_COMPUTE_API_VERSION: '2.67' },
      doc:
        '`--block-device` with `destination_type=volume`; `--swap` and `--ephemeral` are refused: ' +
        "those are the flavor's",
    },
  ),
  shows(
    'server volume list {p}disks',
    (out, m) => out.length === 3 && ['logs', m.volume].every((one) => JSON.stringify(out).includes(one)),
    { env: { OS_COMPUTE_API_VERSION: '2.70' } },
  ),
  until('volume show {volume}', 'in-use'),
  does('server delete --wait {p}disks'),
  until('volume show {volume}', 'available'),
  {
    ...shows('volume list', (out, m) => !(/** @type {any[]} */ (out).some((one) => one.Name.includes(`${m.p}disks`)))),
    env: { UNTIL: 'gone' },
  },
  fails('server create --flavor {p}tiny --image {p}image --network {p}net --swap 64 {p}swapped', /of the flavor/),
  does('server backup create --name {p}copy-of --type daily --rotate 1 {p}vm', { json: false }),
  does('server delete --wait {p}vm'),
  fails('server show {p}vm', /No server|not found|could not/i),
];
export const lastServerSteps = [does('image delete {p}snapshot')];
