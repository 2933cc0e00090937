import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { eventually } from './stack.js';
import { livingWith, supervisor } from './supervisor.js';

jest.setTimeout(120_000);
const root = path.resolve(__dirname, '../../..');
const PATH = process.env.PATH ?? '';

it('a start that was cut short forgets no service of a killed supervisor', async () => {
  const nefos = await supervisor();
  const env = { PATH, NEFOS_BOOTSTRAP_FILE: path.join(nefos.state, 'bootstrap.json') };
  // Stands for a service that is stopped: its supervisor is dead, and the start that took over its lock has ended, lock
  // included.
  const left = spawn(
    process.execPath,
    ['-e', 'setInterval(() => undefined, 1000)', path.join(root, 'services/gateway/dist/main.js')],
    { env },
  );
  const taken = net.createServer();
  await new Promise<void>((listening) => {
    taken.listen(nefos.ports.COMPUTE, '127.0.0.1', listening);
  });
  try {
    mkdirSync(path.join(nefos.state, 'pids'), { recursive: true });
    writeFileSync(path.join(nefos.state, 'pids/gateway'), String(left.pid));
    expect(await livingWith(nefos.state)).toEqual([String(left.pid)]);
    left.kill('SIGSTOP');
    expect(await nefos.run([], { NEFOS_START_PORT_WAIT_MS: '0' })).toBe(1);
    expect(nefos.output()).toMatch(
      /services of the former supervisor \(ended by force: gateway\)[^]*port \d+ \(compute\) is taken/,
    );
    await eventually('the service is gone', async () => (await livingWith(nefos.state)).length === 0, 5);
    // Without leftover services there is no such step, and no waiting.
    expect(await nefos.run([], { NEFOS_START_PORT_WAIT_MS: '0' })).toBe(1);
    expect(nefos.output()).not.toMatch(/former supervisor/);
  } finally {
    left.kill('SIGKILL');
    taken.close();
    await nefos.close();
  }
});

it('an empty setting is no setting: the state is where it is without it', () => {
  const shown = spawnSync(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      "console.log((await import('./scripts/lib/state.mjs')).stateDir({ NEFOS_START_STATE: '' }))",
    ],
    { cwd: root, encoding: 'utf8' },
  );
  expect(shown.stdout.trim()).toBe(path.join(root, '.nefos'));
  // The operator's command, in a checkout whose root has a file that must not be taken for the state.
  const dir = mkdtempSync(path.join(os.tmpdir(), 'nefos-empty-'));
  try {
    cpSync(path.join(root, 'scripts'), path.join(dir, 'scripts'), { recursive: true });
    writeFileSync(path.join(dir, 'runtime.json'), 'no JSON');
    const command = spawnSync(process.execPath, ['scripts/nefos.mjs', 'user', 'list'], {
      cwd: dir,
      env: { PATH, NEFOS_START_STATE: '' },
      encoding: 'utf8',
    });
    expect(command.stderr).toMatch(/^Nefos does not run/);
  } finally {
    rmSync(dir, { recursive: true });
  }
});
it('an empty address is the usual one, which is loopback', async () => {
  const nefos = await supervisor();
  try {
    const empty = { NEFOS_HOST: '', NEFOS_PUBLIC_URL: '', NEFOS_IDENTITY_URL: '' };
    expect(await nefos.run([], { ...empty, NEFOS_DATABASE_URL: 'postgres://u:p@127.0.0.1:1/x' })).toBe(1);
    // The last check before the services start: all checks before it pass.
    expect(nefos.output()).toMatch(/NEFOS_DATABASE_URL: 127\.0\.0\.1:1 does not let us in/);
    // A start that fails decides nothing: neither who exists, nor whose database it is.
    expect(
      ['state.json', 'credentials.json', 'bootstrap.json'].filter((name) => existsSync(path.join(nefos.state, name))),
    ).toEqual([]);
    expect(await nefos.run(['--fixture', 'none'], { NEFOS_BOGUS: '1' })).toBe(1);
    expect(nefos.output()).toMatch(/NEFOS_BOGUS/);
    expect(existsSync(path.join(nefos.state, 'state.json'))).toBe(false);
  } finally {
    await nefos.close();
  }
});
it('an installation of before introspection gets its token and its database, once', () => {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'nefos-older-'));
  const program = `
    import { openState, writeState } from './scripts/lib/state.mjs';
    const open = () => openState(process.argv[1], { gateway: 'http://gateway.test' });
    const state = open();
    delete state.components.introspection;
    delete state.databasePasswords.introspection;
    delete state.credentials.introspection;
    state.bootstrap.identity.components = state.bootstrap.identity.components.filter(
      ({ name }) => name !== 'nefos-introspection');
    writeState(process.argv[1], state);
    const upgraded = open();
    writeState(process.argv[1], upgraded);
    console.log(JSON.stringify([state, upgraded, open()]));`;
  try {
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program, dir], {
      cwd: root,
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    interface State {
      components: Record<string, string>;
      databasePasswords: Record<string, string>;
      credentials: { identity: { admin: { token: string } }; introspection: { token: string } };
      bootstrap: { identity: { components: { name: string; token: string }[] } };
    }
    const [older, upgraded, later] = JSON.parse(stdout) as [State, State, State];
    expect(upgraded).toEqual(later);
    const { introspection, ...others } = upgraded.components;
    expect(others).toEqual(older.components);
    expect(upgraded.bootstrap.identity.components).toContainEqual({
      name: 'nefos-introspection',
      url: 'http://gateway.test',
      token: introspection,
      rights: [],
    });
    expect(upgraded.bootstrap.identity.components).toHaveLength(older.bootstrap.identity.components.length + 1);
    expect(upgraded.databasePasswords).toEqual({
      ...older.databasePasswords,
      introspection: expect.stringMatching(/.{20}/) as string,
    });
    expect(upgraded.credentials.introspection.token).toBe(upgraded.credentials.identity.admin.token);
  } finally {
    rmSync(dir, { recursive: true });
  }
});
