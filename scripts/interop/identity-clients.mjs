// @ts-check
// What an administrator and a service do with identity, by the original clients: the openstack command,
// keystonemiddleware, gophercloud.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { root } from '../lib/prepare.mjs';
import { bold } from '../lib/progress.mjs';
import { has, provide } from '../lib/provide.mjs';

const PYTHON = '/usr/bin/python3';
const here = path.join(root, 'scripts/interop');

/** Steps in order: what is asked, and what must hold of the answer. JSON is asked for where `out` is looked at. */
/**
 * Arguments of the command, and what its answer must be.
 * @param {import('../lib/principals.mjs').DemoCredentials['identity']} identity
 * @returns {[name: string, args: string[], holds: (answer: any) => unknown][]}
 */
const commands = ({ user, admin }) => {
  const json = ['-f', 'json'];
  const ids = (out) => out.map((one) => one.ID);
  const project = `system:${user.uuid}`;
  return [
    [
      'user list --project',
      ['user', 'list', '--project', project, ...json],
      ({ out }) => ids(out).join() === user.uuid,
    ],
    ['user list --group', ['user', 'list', '--group', 'default', ...json], ({ out }) => ids(out).includes(user.uuid)],
    [
      'domain show NoSuch',
      ['domain', 'show', 'NoSuch'],
      ({ status, output }) => status !== 0 && /No domain .*NoSuch/i.test(output),
    ],
    [
      'role assignment list --names',
      ['role', 'assignment', 'list', '--names', ...json],
      ({ out }) =>
        out.some((one) => one.Role === 'admin' && one.User === `${admin.email}@Default` && one.System === 'all'),
    ],
    [
      'role assignment list of one user, with what is implied',
      ['role', 'assignment', 'list', '--user', user.email, '--effective', ...json],
      ({ out }) => out.every((one) => one.User === user.uuid) && out.some((one) => one.Role === 'reader'),
    ],
    [
      'endpoint list',
      ['endpoint', 'list', ...json],
      ({ out }) => out.some((one) => one['Service Type'] === 'identity' && one.Interface === 'internal'),
    ],
    [
      'endpoint list --service --interface',
      ['endpoint', 'list', '--service', 'identity', '--interface', 'internal', ...json],
      ({ out }) => out.length === 1 && out[0].Interface === 'internal',
    ],
    ['service show', ['service', 'show', 'identity', ...json], ({ out }) => out.name === 'astakos_identity'],
    ['role show', ['role', 'show', 'admin', ...json], ({ out }) => out.id === 'admin'],
    ['region show', ['region', 'show', 'default', ...json], ({ out }) => out.region === 'default'],
    [
      'group list --user',
      ['group', 'list', '--user', user.email, ...json],
      ({ out }) => out.some((one) => one.Name === 'default'),
    ],
    [
      'project list --user',
      ['project', 'list', '--user', user.email, ...json],
      ({ out }) => ids(out).join() === user.uuid,
    ],
    ['user set --disable', ['user', 'set', '--disable', user.email], ({ status }) => status === 0],
    ['... and it is so', ['user', 'show', user.email, ...json], ({ out }) => out.enabled === false],
    [
      'user set --enable --email',
      ['user', 'set', '--enable', '--email', 'other.address@example.com', user.email],
      ({ status }) => status === 0,
    ],
    [
      '... and it is so',
      ['user', 'show', user.uuid, ...json],
      ({ out }) => out.enabled === true && out.name === 'other.address@example.com',
    ],
    ['user set --name', ['user', 'set', '--name', user.email, user.uuid], ({ status }) => status === 0],
    [
      'user set --description is refused',
      ['user', 'set', '--description', 'tall', user.email],
      ({ status, output }) => status !== 0 && output.includes('400'),
    ],
  ];
};
const jsonOf = (text) => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
const run = (command, args, more = {}) => {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', timeout: 120_000, ...more });
  return { status, stdout: stdout ?? '', output: `${stdout ?? ''}${stderr ?? ''}` };
};

/**
 * @param {{ gateway: string, credentials: import('../lib/principals.mjs').DemoCredentials, env: NodeJS.ProcessEnv }}
 *   stack
 * @param {import('./reporter.mjs').Reporter} reporter
 */
export const identityClients = ({ gateway, credentials: { identity }, env }, { note, skip }) => {
  const { user, admin } = identity;
  const openstack = () => {
    const signIn = [
      '--os-auth-type',
      'password',
      '--os-auth-url',
      `${gateway}/identity`,
      '--os-username',
      admin.email,
      '--os-password',
      admin.password,
    ];
    const scope = ['--os-user-domain-name', 'Default', '--os-identity-api-version', '3', '--os-project-id', admin.uuid];
    console.log(bold('\nopenstack, as an administrator'));
    for (const [name, args, holds] of commands(identity)) {
      const answer = run('openstack', [...signIn, ...scope, ...args], { env });
      const out = jsonOf(answer.stdout);
      const complete = !args.includes('json') || (answer.status === 0 && out !== undefined);
      note(Boolean(complete && holds({ ...answer, out })), name, answer.output);
    }
  };
  const middleware = () => {
    const why = provide(
      ['python3-keystonemiddleware'],
      () => run(PYTHON, ['-c', 'import keystonemiddleware']).status === 0,
    );
    if (why) {
      skip('keystonemiddleware', why);
      return;
    }
    console.log(bold('\nkeystonemiddleware'));
    const input = JSON.stringify({
      auth_url: `${gateway}/identity`,
      user: admin,
      tokens: [admin.token, 'nothing-of-the-kind'],
    });
    const { stdout, output } = run(PYTHON, [path.join(here, 'token-filter.py')], { env, input });
    const [good, bad] = jsonOf(stdout) ?? [];
    note(
      good?.status === 200 && good.body.X_IDENTITY_STATUS === 'Confirmed' && good.body.X_USER_ID === admin.uuid,
      'a token without an end is confirmed',
      output,
    );
    note(bad?.status === 401, 'a token that is none is refused', output);
  };
  const gophercloud = () => {
    if (!has('go')) {
      skip('gophercloud', 'Go is missing here');
      return;
    }
    const cwd = path.join(here, 'gophercloud');
    const fetched = run('go', ['mod', 'download'], { cwd });
    if (fetched.status !== 0) {
      skip('gophercloud', `its modules could not be fetched (${fetched.output.trim().split('\n').at(-1)})`);
      return;
    }
    console.log(bold('\ngophercloud'));
    const target = mkdtempSync(path.join(os.tmpdir(), 'nefos-go-'));
    try {
      const program = path.join(target, 'gophercloud');
      const built = run('go', ['build', '-mod=readonly', '-o', program, '.'], { cwd, timeout: 600_000 });
      note(built.status === 0, 'builds', built.output);
      if (built.status !== 0) return;
      const input = JSON.stringify({ auth_url: `${gateway}/identity/`, user, admin });
      const { status, stdout, output } = run(program, [], { input });
      for (const line of stdout.trim().split('\n')) note(line.startsWith('ok '), line.replace(/^(not )?ok /, ''));
      if (status !== 0 && !/^not ok/m.test(stdout)) note(false, 'ends well', output);
    } finally {
      rmSync(target, { recursive: true, force: true });
    }
  };
  openstack();
  middleware();
  gophercloud();
};
