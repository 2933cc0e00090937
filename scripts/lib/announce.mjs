// @ts-check
// What npm start shows when everything runs: addresses, credentials, and commands to try.
import path from 'node:path';
import { bold, dim, table } from './progress.mjs';

/** A path as one would type it here: relative when it is below the working directory, else absolute. */
const shown = (/** @type {string} */ file) => {
  const near = path.relative(process.cwd(), file);
  return near.startsWith('..') ? file : near;
};
/**
 * @param {{ state: import('./state.mjs').State, publicUrl: string, dir: string, toStdout: boolean, seconds: number }}
 *   about
 *   `toStdout`: the services' logs go to standard output; `seconds`: the time that the start took
 */
export const announce = ({ state: { credentials, fixture }, publicUrl, dir, toStdout, seconds }) => {
  const file = shown(path.join(dir, 'credentials.json'));
  const logs = toStdout ? 'on standard output' : `in ${shown(path.join(dir, 'logs'))}/`;
  const how = dim(`in ${seconds.toFixed(1)} s, fixture "${fixture}", logs ${logs}`);
  console.log(`\n${bold('ready')} ${how}\n`);
  console.log(
    table([
      ['service', 'API', 'address'],
      ['gateway', 'one origin for all', `${publicUrl}/`],
      ['identity', 'Astakos, OpenStack Identity v2.0 and v3', `${publicUrl}/identity/`],
      ['compute', 'Fleio /staffapi and /api', `${publicUrl}/staffapi`],
      ['', 'OpenStack compute, image, network, volume', `${publicUrl}/compute/v2.1`],
      ['metering', 'cloudigrade v2', `${publicUrl}/v2/`],
      ['introspection', 'ironic-inspector v1', `${publicUrl}/v1`],
      ['', 'OpenStack Bare Metal v1 (a part)', `${publicUrl}/baremetal/v1`],
    ]),
  );
  console.log(`\n${table(people(credentials, fixture === 'demo' ? undefined : file))}\n`);
  console.log(commands(credentials, fixture === 'demo', publicUrl));
  console.log(`\n${dim(`All credentials: ${file}. Ctrl-C stops everything.`)}`);
};

/** @typedef {import('./state.mjs').State['credentials']} Credentials */
/**
 * Who can sign in.
 * @param {Credentials} credentials @param {string | undefined} file where the secrets are, if not shown
 */
const people = ({ identity, compute, metering }, file) => {
  const rows = [
    ['who', 'name', 'password or token'],
    ['administrator', identity.admin.email, file ? `in ${file}` : identity.admin.password],
  ];
  if (identity.user) rows.push(['user (Astakos examples)', identity.user.email, identity.user.password]);
  rows.push(['portal staff', compute.staff.username, file ? `in ${file}` : compute.staff.token]);
  if (compute.user) {
    rows.push(['portal end user', compute.user.username, compute.user.token]);
    rows.push(['the same, for openstack', compute.user.email, compute.user.password]);
  }
  if (metering.account_number) rows.push(['metering', `account ${metering.account_number}`, 'header X-RH-IDENTITY']);
  return rows;
};
/** Commands that work at once. @param {Credentials} credentials @param {boolean} demo @param {string} publicUrl */
const commands = ({ compute, metering }, demo, publicUrl) => {
  const token = demo ? compute.staff.token : '<token>';
  const account = { identity: { account_number: metering.account_number ?? metering.superuser_account_number } };
  const header = Buffer.from(JSON.stringify(account)).toString('base64');
  return `${bold('try')}
  ${demo ? 'npm run demo' : 'npm run nefos -- region list      # docs/first-cloud.md: from here to the first machine'}
  curl -s ${publicUrl}/staffapi/clients -H 'Authorization: Token ${token}'
  curl -s '${publicUrl}/v2/concurrent/?start_date=2019-07-11' -H 'X-RH-IDENTITY: ${header}'`;
};
