#!/usr/bin/env node
// @ts-check
// npm run test:interop: the original clients, unmodified, against a Nefos of our own.
// Then a bounded run of npm run test:fuzz.
// The clients are Debian packages and are installed here when they are missing (root and apt needed); gophercloud needs
// Go. Otherwise each is skipped with its reason.
import '../lib/check-node.cjs';
import { spawnSync } from 'node:child_process';
import { argsOrExit } from '../lib/options.mjs';
import { build, install, root } from '../lib/prepare.mjs';
import { freePort } from '../lib/free-port.mjs';
import { startPrivateStack } from '../lib/private-stack.mjs';
import { bold, green, red, step } from '../lib/progress.mjs';
import { has, provide } from '../lib/provide.mjs';
import { identityClients } from './identity-clients.mjs';
import { checkMetrics } from './promtool.mjs';

argsOrExit(
  'npm run test:interop\n\nThe original clients, unmodified, against a Nefos of its own; ' +
    'installs what is missing where root and apt are there. No options.',
);
let passed = 0;
let failed = 0;
let skipped = 0;
await step('dependencies', install);
await step('build', build);
const why = await step('the openstack command', () => provide(['python3-openstackclient'], () => has('openstack')));
if (why) {
  skipped += 1;
  console.log(`skip - the openstack command: ${why}`);
} else {
  const { gateway, credentials, stop } = await startPrivateStack();
  const { user } = credentials.identity;
  const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('OS_')));
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
  const v3 = [
    '--os-auth-type',
    'password',
    '--os-auth-url',
    `${gateway}/identity`,
    '--os-username',
    user.email,
    '--os-password',
    user.password,
    '--os-user-domain-name',
    'Default',
    '--os-identity-api-version',
    '3',
  ];
  const scoped = [...v3, '--os-project-id', user.uuid];
  const generic = [
    '--os-auth-type',
    'password',
    '--os-auth-url',
    `${gateway}/identity/`,
    '--os-username',
    user.email,
    '--os-password',
    user.password,
  ];
  /** @type {[name: string, args: string[], holds: (out: any) => boolean][]} */
  const cases = [
    [
      'v2password: token issue',
      [...v2, 'token', 'issue', '-f', 'json'],
      (out) => out.id === user.token && out.user_id === user.uuid,
    ],
    [
      'v2password: catalog list',
      [...v2, '--os-identity-api-version', '2', 'catalog', 'list', '-f', 'json'],
      (out) => out.some((one) => one.Name === 'astakos_identity'),
    ],
    [
      'v2password: project list',
      [...v2, '--os-identity-api-version', '2', 'project', 'list', '-f', 'json'],
      (out) => out.some((one) => one.ID === user.uuid),
    ],
    [
      'v3 password: token issue',
      [...scoped, 'token', 'issue', '-f', 'json'],
      (out) => out.user_id === user.uuid && out.project_id === user.uuid,
    ],
    [
      'v3 password: catalog list',
      [...scoped, 'catalog', 'list', '-f', 'json'],
      (out) => out.some((one) => one.Type === 'identity'),
    ],
    [
      'v3 password: project list --my-projects',
      [...scoped, 'project', 'list', '--my-projects', '-f', 'json'],
      (out) => out.some((one) => one.ID === user.uuid),
    ],
    [
      'v3 password: project show',
      [...scoped, 'project', 'show', user.uuid, '-f', 'json'],
      (out) => out.id === user.uuid && out.enabled === true,
    ],
    [
      'v3 password: application credential create and delete',
      [...scoped, 'application', 'credential', 'create', 'interop', '-f', 'json'],
      (out) => out.name === 'interop' && Boolean(out.secret),
    ],
    [
      'generic password without a domain (it chooses v2.0): token issue',
      [...generic, 'token', 'issue', '-f', 'json'],
      (out) => out.user_id === user.uuid,
    ],
  ];
  console.log(bold(`\nopenstack ${String(spawnSync('openstack', ['--version'], { encoding: 'utf8' }).stdout).trim()}`));
  try {
    for (const [name, args, holds] of cases) {
      const { status, stdout, stderr } = spawnSync('openstack', args, {
        encoding: 'utf8',
        env: clean,
        timeout: 60_000,
      });
      let ok = false;
      try {
        ok = status === 0 && holds(JSON.parse(stdout));
      } catch {
        /* not JSON: not ok */
      }
      if (ok) {
        passed += 1;
        console.log(`  ${green('ok')} ${name}`);
      } else {
        failed += 1;
        console.log(`  ${red('not ok')} ${name}\n${stdout}${stderr}`);
      }
    }
    const more = identityClients({ gateway, credentials, env: clean });
    passed += more.passed;
    failed += more.failed;
    skipped += more.skipped;
  } finally {
    await stop();
  }
}

{
  const metricsPort = String(await freePort());
  const { ports, stop } = await startPrivateStack({ NEFOS_GATEWAY_METRICS_PORT: metricsPort });
  /** @type {Record<string, string>} */
  const addresses = { gateway: `http://127.0.0.1:${metricsPort}/metrics` };
  for (const name of ['identity', 'compute', 'metering']) addresses[name] = `http://127.0.0.1:${ports[name]}/metrics`;
  const { why: noPromtool, results } = await checkMetrics(addresses).finally(stop);
  console.log(bold('\npromtool check metrics'));
  if (noPromtool) {
    skipped += 1;
    console.log(`skip - promtool: ${noPromtool}`);
  }
  for (const { name, faults } of results) {
    if (faults.length) failed += 1;
    else passed += 1;
    console.log(faults.length ? `  ${red('not ok')} ${name}\n${faults.join('\n')}` : `  ${green('ok')} ${name}`);
  }
}

console.log(bold('\nthe OpenStack driver'));
{
  const { tryOpenstackDriver } = await import('./openstack-driver.mjs');
  const found = await tryOpenstackDriver(
    async (name, look) => {
      const [holds, ...seen] = await look();
      if (holds) passed += 1;
      else failed += 1;
      console.log(
        `  ${holds ? green('ok') : red('not ok')} ${name}${holds ? '' : `\n${JSON.stringify(seen).slice(0, 3000)}`}`,
      );
    },
    (name, reason) => {
      skipped += 1;
      console.log(`skip - ${name}: ${reason}`);
    },
  );
  passed += found.passed;
  failed += found.failed;
}

console.log(bold('\nthe QEMU driver'));
{
  // Only now, as above: it needs what is built.
  const { tryQemuDriver } = await import('./qemu.mjs');
  const found = await tryQemuDriver(
    async (name, look) => {
      const [holds, ...seen] = await look();
      if (holds) passed += 1;
      else failed += 1;
      console.log(
        `  ${holds ? green('ok') : red('not ok')} ${name}${holds ? '' : `\n${JSON.stringify(seen).slice(0, 3000)}`}`,
      );
    },
    (name, reason) => {
      skipped += 1;
      console.log(`skip - ${name}: ${reason}`);
    },
  );
  passed += found.passed;
  failed += found.failed;
}

console.log(bold('\ndeploy/'));
// Only now: it needs packages, which a fresh clone has after the first step.
const { tryDeployment } = await import('./deployment.mjs');
await tryDeployment(
  async (/** @type {string} */ name, /** @type {() => any} */ look) => {
    const [holds, ...seen] = await look();
    if (holds) passed += 1;
    else failed += 1;
    console.log(
      `  ${holds ? green('ok') : red('not ok')} ${name}${holds ? '' : `\n${JSON.stringify(seen).slice(0, 3000)}`}`,
    );
  },
  (name, why) => {
    skipped += 1;
    console.log(`skip - ${name}: ${why}`);
  },
);

// A bounded run of npm run test:fuzz; its own last line is counted here.
const fuzz = spawnSync(process.execPath, ['scripts/fuzz/run.mjs', '--requests', '4000', '--minutes', '5'], {
  cwd: root,
  encoding: 'utf8',
  stdio: ['ignore', 'pipe', 'inherit'],
});
console.log(`\n${bold('fuzz')}\n${fuzz.stdout.trim()}`);
const [, good, bad] = /^(\d+) passed, (\d+) failed$/.exec(fuzz.stdout.trimEnd().split('\n').at(-1) ?? '') ?? [];
passed += Number(good ?? 0);
failed += Number(bad ?? 1);
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exit(failed ? 1 : 0);
