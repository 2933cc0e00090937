import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { newClient } from './cloud.js';
import { ask, startStack, type Stack } from './stack.js';

/**
 * `packages/contracts`, `client` and `auth` as an outsider gets them: packed, installed into an empty project, their
 * README's examples run as they stand there. npm works offline: what the packages need of others is copied from this
 * checkout, and a lock file tells npm that it is installed.
 */
const root = path.resolve(__dirname, '../../..');
const PACKAGES = ['contracts', 'client', 'auth'] as const;
const run = promisify(execFile);
interface Manifest {
  version: string;
  private?: boolean;
  license?: string;
  engines?: { node?: string };
  dependencies?: Record<string, string>;
}
const manifestIn = (dir: string): Manifest =>
  JSON.parse(readFileSync(path.join(dir, 'package.json'), 'utf8')) as Manifest;
const npm = (args: string[], cwd: string) =>
  run('npm', [...args, '--offline', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd,
    shell: process.platform === 'win32',
    env: { ...process.env, npm_config_update_notifier: 'false' },
  });

/** The packages in a `node_modules`, by name. */
const namesIn = (dir: string): string[] =>
  (existsSync(dir) ? readdirSync(dir) : [])
    .filter((one) => !one.startsWith('.'))
    .flatMap((one) => (one.startsWith('@') ? readdirSync(path.join(dir, one)).map((name) => `${one}/${name}`) : [one]));
/**
 * Copies a dependency and its own dependencies, as they are installed for the package at `from`; `locked` gets a lock
 * file's entries.
 */
const copyDependency = (name: string, from: string, project: string, locked: Record<string, object>): void => {
  const at = `node_modules/${name}`;
  if (at in locked) return;
  const source = existsSync(path.join(from, at)) ? path.join(from, at) : path.join(root, at);
  cpSync(source, path.join(project, at), { recursive: true });
  /** Notes a package and those inside it, which are copied with it. */
  const note = (where: string): void => {
    const { version, dependencies = {} } = manifestIn(path.join(project, where));
    locked[where] = { version, dependencies };
    const inside = namesIn(path.join(project, where, 'node_modules'));
    for (const one of inside) note(`${where}/node_modules/${one}`);
    for (const one of Object.keys(dependencies))
      if (!inside.includes(one) && !(`${at}/node_modules/${one}` in locked)) copyDependency(one, root, project, locked);
  };
  note(at);
};
/** The first example of a README: the name that its first line gives, and its text. */
const exampleOf = (name: string): { file: string; code: string } => {
  const readme = readFileSync(path.join(root, 'packages', name, 'README.md'), 'utf8');
  const [, code = ''] = /^```js\n([\s\S]*?)^```$/m.exec(readme) ?? [];
  const [, file] = /^\/\/ (\w+\.mjs)\n/.exec(code) ?? [];
  if (file === undefined) throw new Error(`packages/${name}/README.md has no example that names its file`);
  return { file, code };
};

let stack: Stack;
let project: string;
beforeAll(async () => {
  stack = await startStack();
  project = mkdtempSync(path.join(os.tmpdir(), 'nefos-packed-'));
  const dependencies = { express: manifestIn(`${root}/node_modules/express`).version };
  writeFileSync(path.join(project, 'package.json'), JSON.stringify({ private: true, type: 'module', dependencies }));
  mkdirSync(path.join(project, 'tarballs'));
  await npm(
    ['pack', ...PACKAGES.flatMap((name) => ['-w', `packages/${name}`]), '--pack-destination', `${project}/tarballs`],
    root,
  );
  const locked: Record<string, object> = {};
  for (const name of PACKAGES) {
    const dir = path.join(root, 'packages', name);
    for (const one of Object.keys(manifestIn(dir).dependencies ?? {}))
      if (!one.startsWith('@nefos/')) copyDependency(one, dir, project, locked);
  }
  copyDependency('express', root, project, locked);
  writeFileSync(
    path.join(project, 'package-lock.json'),
    JSON.stringify({ lockfileVersion: 3, requires: true, packages: { '': { dependencies }, ...locked } }),
  );
  const tarballs = readdirSync(path.join(project, 'tarballs')).map((one) => `./tarballs/${one}`);
  // npm asks the registry for a peer dependency even when it is there: offline that is left out.
  await npm(['install', '--legacy-peer-deps', ...tarballs], project);
  for (const name of PACKAGES) {
    const { file, code } = exampleOf(name);
    writeFileSync(path.join(project, file), code);
  }
}, 150_000);
afterAll(async () => {
  await stack?.close();
  if (project) rmSync(project, { recursive: true, force: true });
}, 30_000);
const envOf = (more: Record<string, string>) => ({ PATH: process.env.PATH ?? '', ...more });

it.each(PACKAGES)('%s: what was packed is built code, types, licence and README, and nothing else', (name) => {
  const dir = path.join(project, 'node_modules/@nefos', name);
  const { license, engines, dependencies, ...rest } = manifestIn(dir);
  expect([license, engines, rest.private]).toEqual(['Apache-2.0', { node: '>=20.19' }, undefined]);
  expect(Object.values(dependencies ?? {}).filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  expect(readdirSync(dir).sort()).toEqual(['LICENSE', 'README.md', 'dist', 'package.json']);
  const files = readdirSync(path.join(dir, 'dist'), { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile())
    .map((one) => one.name);
  expect(files).toEqual(expect.arrayContaining(['index.js', 'index.d.ts']));
  expect(files.filter((one) => !/\.(js|d\.ts)$/.test(one) || one.includes('.test.'))).toEqual([]);
});
it('contracts: the example checks an answer of identity', async () => {
  const { user } = stack.credentials.identity;
  const { stdout } = await run(process.execPath, [exampleOf('contracts').file], {
    cwd: project,
    env: envOf({ NEFOS_URL: stack.origin('identity'), NEFOS_TOKEN: user.token }),
  });
  expect(stdout).toBe(`${user.email}\n`);
});
it('client: the example creates an instance', async () => {
  const { stdout } = await run(process.execPath, [exampleOf('client').file], {
    cwd: project,
    env: envOf({
      NEFOS_URL: stack.origin('compute'),
      STAFF_TOKEN: stack.credentials.compute.staff.token,
      CLIENT_ID: String(await newClient(stack)),
    }),
  });
  expect(stdout).toMatch(/^web \w+\n$/);
});
it('auth: the example is a service that knows who calls, and refuses who has no token', async () => {
  const { user } = stack.credentials.identity;
  const child: ChildProcess = spawn(process.execPath, [exampleOf('auth').file], {
    cwd: project,
    env: envOf({ NEFOS_URL: stack.origin('identity'), SERVICE_TOKEN: stack.components.compute, PORT: '0' }),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const address = await new Promise<string>((resolve, reject) => {
      child.stdout?.setEncoding('utf8').once('data', (text: string) => resolve(text.trim()));
      child.once('exit', (code) => reject(new Error(`the example ended with ${code}`)));
    });
    expect((await ask(address)).status).toBe(401);
    const known = await ask(address, { headers: { 'X-Auth-Token': user.token } });
    expect([known.status, (JSON.parse(known.text) as { uuid: string }).uuid]).toEqual([200, user.uuid]);
  } finally {
    child.kill('SIGTERM');
  }
});
