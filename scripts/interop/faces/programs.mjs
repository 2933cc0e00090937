// @ts-check
// Programs that use the clients' libraries: openstacksdk, gophercloud; and a create that is sent twice.
import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { root } from '../../lib/prepare.mjs';
import { bold } from '../../lib/progress.mjs';
import { has } from '../../lib/provide.mjs';

const here = path.join(root, 'scripts/interop/faces');
/** @param {string} command @param {string[]} args @param {import('node:child_process').SpawnSyncOptions} more */
const run = (command, args, more = {}) => {
  const { status, stdout, stderr } = spawnSync(command, args, { timeout: 600_000, ...more, encoding: 'utf8' });
  return { status, stdout: stdout ?? '', output: `${stdout ?? ''}${stderr ?? ''}` };
};
/**
 * Counts the lines of a program.
 * @param {ReturnType<typeof run>} answer
 * @param {import('../reporter.mjs').Reporter} reporter
 */
const noteLines = ({ status, stdout, output }, { note }) => {
  for (const line of stdout.trim().split('\n'))
    if (/^(not )?ok /.test(line)) note(line.startsWith('ok '), line.replace(/^(not )?ok /, ''));
  if (status !== 0) note(false, 'the program ends well', output);
};

/**
 * @typedef {object} Programs
 * @property {string} gateway
 * @property {NodeJS.ProcessEnv} env settings that sign the end user in
 * @property {string} python with openstacksdk
 * @property {string} flavor @property {string} outside @property {string} image @property {string} net ids
 */
/** @param {Programs} programs @param {import('../reporter.mjs').Reporter} reporter */
export const trySdk = ({ env, python, flavor, outside }, reporter) => {
  console.log(bold('\nopenstacksdk'));
  noteLines(run(python, [path.join(here, 'sdk.py'), 's-', flavor, outside], { env }), reporter);
};

/** @param {Programs} programs @param {import('../reporter.mjs').Reporter} reporter */
export const tryGophercloud = ({ env, flavor, outside, image, net }, reporter) => {
  if (!has('go')) {
    reporter.skip('gophercloud', 'Go is missing here');
    return;
  }
  const cwd = path.join(here, 'gophercloud');
  const fetched = run('go', ['mod', 'download'], { cwd });
  if (fetched.status !== 0) {
    reporter.skip('gophercloud', `its modules could not be fetched (${fetched.output.trim().split('\n').at(-1)})`);
    return;
  }
  console.log(bold('\ngophercloud'));
  noteLines(
    run('go', ['run', '-mod=readonly', '.', flavor, outside, image, net], {
      cwd,
      // It wants the domain under this name, which the command takes for a scope.
      env: { ...env, OS_DOMAIN_NAME: 'Default' },
    }),
    reporter,
  );
};

/**
 * As Terraform does after a time-out: the same create again, with the same Idempotency-Key.
 * @param {Programs & { token: string }} programs @param {import('../reporter.mjs').Reporter} reporter
 */
export const tryTwice = async ({ gateway, token, flavor, image, net }, { check }) => {
  console.log(bold('\nthe same create twice'));
  const key = randomUUID();
  const name = `twice-${key.slice(0, 8)}`;
  const create = () =>
    fetch(`${gateway}/compute/v2.1/servers`, {
      method: 'POST',
      headers: { 'X-Auth-Token': token, 'Content-Type': 'application/json', 'Idempotency-Key': key },
      body: JSON.stringify({ server: { name, imageRef: image, flavorRef: flavor, networks: [{ uuid: net }] } }),
    });
  await check('both answers name one server, and there is one', async () => {
    const [first, second] = await Promise.all([create(), create()]);
    const third = await create();
    const ids = [];
    for (const one of [first, second, third])
      if (one.status === 202) ids.push(/** @type {any} */ (await one.json()).server.id);
    const listed = await fetch(`${gateway}/compute/v2.1/servers?name=${name}`, { headers: { 'X-Auth-Token': token } });
    const { servers } = /** @type {any} */ (await listed.json());
    for (const { id } of servers)
      await fetch(`${gateway}/compute/v2.1/servers/${id}`, { method: 'DELETE', headers: { 'X-Auth-Token': token } });
    return [ids.length >= 2 && new Set(ids).size === 1 && servers.length === 1, ids, servers];
  });
};
