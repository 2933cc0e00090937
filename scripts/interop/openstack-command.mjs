// @ts-check
// The openstack command, unmodified, as a user of identity.
import { spawnSync } from 'node:child_process';
import { bold } from '../lib/progress.mjs';

/**
 * @param {import('../lib/principals.mjs').DemoCredentials['identity']['user']} user @param {string} gateway
 * @returns {[name: string, args: string[], holds: (out: any) => boolean][]}
 */
const cases = (user, gateway) => {
  const v2 = [
    '--os-auth-type',
    'v2password',
    '--os-auth-url',
    `${gateway}/identity/v2.0`,
    '--os-username',
    user.uuid,
    '--os-password',
    user.token,
  ];
  const password = ['--os-auth-type', 'password', '--os-username', user.email, '--os-password', user.password];
  const v3 = [
    ...password,
    '--os-auth-url',
    `${gateway}/identity`,
    '--os-user-domain-name',
    'Default',
    '--os-identity-api-version',
    '3',
  ];
  const scoped = [...v3, '--os-project-id', user.uuid];
  const generic = [...password, '--os-auth-url', `${gateway}/identity/`];
  const json = ['-f', 'json'];
  return [
    [
      'v2password: token issue',
      [...v2, 'token', 'issue', ...json],
      (out) => out.id === user.token && out.user_id === user.uuid,
    ],
    [
      'v2password: catalog list',
      [...v2, '--os-identity-api-version', '2', 'catalog', 'list', ...json],
      (out) => out.some((/** @type {any} */ one) => one.Name === 'astakos_identity'),
    ],
    [
      'v2password: project list',
      [...v2, '--os-identity-api-version', '2', 'project', 'list', ...json],
      (out) => out.some((/** @type {any} */ one) => one.ID === user.uuid),
    ],
    [
      'v3 password: token issue',
      [...scoped, 'token', 'issue', ...json],
      (out) => out.user_id === user.uuid && out.project_id === user.uuid,
    ],
    [
      'v3 password: catalog list',
      [...scoped, 'catalog', 'list', ...json],
      (out) => out.some((/** @type {any} */ one) => one.Type === 'identity'),
    ],
    [
      'v3 password: project list --my-projects',
      [...scoped, 'project', 'list', '--my-projects', ...json],
      (out) => out.some((/** @type {any} */ one) => one.ID === user.uuid),
    ],
    [
      'v3 password: project show',
      [...scoped, 'project', 'show', user.uuid, ...json],
      (out) => out.id === user.uuid && out.enabled === true,
    ],
    [
      'v3 password: application credential create and delete',
      [...scoped, 'application', 'credential', 'create', 'interop', ...json],
      (out) => out.name === 'interop' && Boolean(out.secret),
    ],
    [
      'generic password without a domain (it chooses v2.0): token issue',
      [...generic, 'token', 'issue', ...json],
      (out) => out.user_id === user.uuid,
    ],
  ];
};

/**
 * @param {{ gateway: string, credentials: import('../lib/principals.mjs').DemoCredentials, env: NodeJS.ProcessEnv }}
 *   stack
 * @param {import('./reporter.mjs').Reporter} reporter
 */
export const openstackCommand = ({ gateway, credentials, env }, { note }) => {
  console.log(bold(`\nopenstack ${String(spawnSync('openstack', ['--version'], { encoding: 'utf8' }).stdout).trim()}`));
  for (const [name, args, holds] of cases(credentials.identity.user, gateway)) {
    const { status, stdout, stderr } = spawnSync('openstack', args, { encoding: 'utf8', env, timeout: 60_000 });
    let ok = false;
    try {
      ok = status === 0 && holds(JSON.parse(stdout));
    } catch {
      /* not JSON: not ok */
    }
    note(ok, name, stdout, stderr);
  }
};
