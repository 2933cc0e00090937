import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { ask, eventually } from './stack.js';
import { killLivingWith, livingWith, supervisor } from './supervisor.js';

jest.setTimeout(120_000);

/** The command line of a process; empty: it has ended meanwhile. */
const commandOf = (pid: number | string): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
};
describe('npm start', () => {
  it('starts, keeps its state through SIGKILL of everything, and leaves nothing running on Ctrl-C', async () => {
    const nefos = await supervisor();
    try {
      const first = nefos.run();
      await nefos.ready();
      const {
        compute: { staff },
        identity: { user },
      } = nefos.credentials();
      expect(statSync(path.join(nefos.state, 'credentials.json')).mode & 0o777).toBe(0o600);
      await eventually('the table of addresses', async () => nefos.output().includes(`${nefos.gateway}/`));
      const made = await ask(`${nefos.gateway}/staffapi/clientgroups`, {
        method: 'POST',
        headers: { Authorization: `Token ${staff.token}` },
        body: { name: 'kept', description: '' },
      });
      expect(made.status).toBe(201);
      await killLivingWith(nefos.state);
      await first;
      await eventually('everything is gone', async () => (await livingWith(nefos.state)).length === 0);

      const started = Date.now();
      const second = nefos.run();
      await nefos.ready();
      expect(Date.now() - started).toBeLessThan(60_000);
      expect(
        (await ask(`${nefos.gateway}/staffapi/clientgroups`, { headers: { Authorization: `Token ${staff.token}` } }))
          .text,
      ).toContain('"kept"');
      expect(
        (await ask(`${nefos.gateway}/account/v1.0/authenticate`, { headers: { 'X-Auth-Token': user.token } })).status,
      ).toBe(200);

      // A service dies: it is started again, and Ctrl-C afterwards still stops all.
      const [identity] = (await livingWith(nefos.state)).filter((pid) => commandOf(pid).includes('services/identity'));
      process.kill(Number(identity), 'SIGKILL');
      await eventually('identity is back', async () => (await ask(`${nefos.gateway}/healthz`)).status === 200);
      await eventually('identity is told to be back', async () => /identity is back/.test(nefos.output()));
      nefos.interrupt();
      expect(await second).toBe(0);
      // The one death above; what Ctrl-C ends is not started again.
      const deaths = nefos
        .output()
        .split('\n')
        .filter((line) => line.includes(' died '));
      expect(deaths).toEqual([expect.stringContaining('identity died (SIGKILL); starting it again')]);
      expect(nefos.output()).toContain(`logs in ${nefos.state}/logs/`);
      await eventually('nothing is left', async () => (await livingWith(nefos.state)).length === 0);
    } finally {
      await nefos.close();
    }
  });
  // A blocked service and a stopped one too.
  it('SIGKILL of the supervisor ends every service, and the next start finds ports and database', async () => {
    const nefos = await supervisor();
    try {
      // The signal blocks the main thread of that service, so it can not stop in order.
      const blocker = path.join(nefos.dir, 'blocker.cjs');
      writeFileSync(blocker, "process.on('SIGUSR2', () => { for (;;); });");
      const first = nefos.run([], { NODE_OPTIONS: `--require=${blocker}` });
      await nefos.ready();
      const {
        compute: { staff },
      } = nefos.credentials();
      const postmaster = nefos.postmaster();
      const services = (await livingWith(nefos.state)).filter((pid) =>
        readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('dist/main.js'),
      );
      expect(services).toHaveLength(5);
      process.kill(
        Number(services.find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('services/compute'))),
        'SIGUSR2',
      );
      // A stopped process handles no signal.
      process.kill(
        Number(services.find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('services/metering'))),
        'SIGSTOP',
      );
      nefos.kill('SIGKILL');
      await first;
      const second = nefos.run();
      await eventually(
        'the services of the killed supervisor are gone',
        async () => !(await livingWith(nefos.state)).some((pid) => services.includes(pid)),
        25,
      );
      await nefos.ready();
      expect(nefos.postmaster()).toBe(postmaster);
      expect(
        (await ask(`${nefos.gateway}/staffapi/clients`, { headers: { Authorization: `Token ${staff.token}` } })).status,
      ).toBe(200);

      // A service dies: one line then, one when it is back.
      const [metering] = (await livingWith(nefos.state)).filter((pid) =>
        readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('services/metering'),
      );
      process.kill(Number(metering), 'SIGKILL');
      await eventually(
        'metering is told to be back',
        async () => /metering is back after [\d.]+ s/.test(nefos.output()),
        30,
      );
      expect(nefos.output().match(/metering died \(SIGKILL\); starting it again/g)).toHaveLength(1);
      nefos.kill('SIGTERM');
      expect(await second).toBe(0);
      await eventually('nothing is left', async () => (await livingWith(nefos.state)).length === 0);
    } finally {
      await nefos.close();
    }
  });
  it('PostgreSQL killed under a running Nefos comes back by itself', async () => {
    const nefos = await supervisor();
    try {
      const running = nefos.run();
      await nefos.ready();
      const before = nefos.postmaster();
      process.kill(before, 'SIGKILL');
      await eventually('a new PostgreSQL', async () => nefos.postmaster() !== 0 && nefos.postmaster() !== before);
      await nefos.ready();
      const {
        compute: { staff },
      } = nefos.credentials();
      await eventually(
        'compute works',
        async () =>
          (await ask(`${nefos.gateway}/staffapi/clients`, { headers: { Authorization: `Token ${staff.token}` } }))
            .status === 200,
      );
      nefos.kill('SIGTERM');
      expect(await running).toBe(0);
    } finally {
      await nefos.close();
    }
  });

  describe('one clear line, exit code 1, nothing left running', () => {
    const refuses = async (
      wanted: RegExp,
      args: string[],
      env: Record<string, string>,
      before?: (nefos: Awaited<ReturnType<typeof supervisor>>) => Promise<() => void>,
    ) => {
      const nefos = await supervisor();
      const after = await before?.(nefos);
      try {
        expect(await nefos.run(args, env)).toBe(1);
        expect(nefos.output()).toMatch(wanted);
        expect(nefos.output()).not.toMatch(/\n {4}at /);
        await eventually('nothing is left', async () => (await livingWith(nefos.state)).length === 0, 5);
      } finally {
        after?.();
        await nefos.close();
      }
    };
    it('a busy port', () =>
      refuses(
        /port \d+ \(compute\) is taken by another program: stop it, or choose another port by NEFOS_COMPUTE_PORT/,
        [],
        { NEFOS_START_PORT_WAIT_MS: '0' },
        async ({ ports }) => {
          const server = net.createServer();
          await new Promise<void>((r) => {
            server.listen(ports.COMPUTE, '127.0.0.1', r);
          });
          return () => server.close();
        },
      ));
    it('a foreign data directory', () =>
      refuses(/is there but is no PostgreSQL \d+ data directory: move it away/, [], {}, async ({ state }) => {
        mkdirSync(path.join(state, 'postgres/data-18'), { recursive: true, mode: 0o755 });
        writeFileSync(path.join(state, 'postgres/data-18/notes.txt'), 'mine');
        return () => undefined;
      }));
    it('an unusable database URL', () =>
      refuses(/NEFOS_DATABASE_URL: 127\.0\.0\.1:1 does not let us in/, [], {
        NEFOS_DATABASE_URL: 'postgres://u:p@127.0.0.1:1/x',
      }));
    it('a database URL that is none', () =>
      refuses(/NEFOS_DATABASE_URL can not be used/, [], { NEFOS_DATABASE_URL: 'mysql://x' }));
    it('faulty settings, all of them', () =>
      refuses(/NEFOS_NONSENSE: no such setting[^]*NEFOS_LOG_LEVEL: /, [], {
        NEFOS_LOG_LEVEL: 'loud',
        NEFOS_NONSENSE: '1',
      }));
    it('the demo fixture anywhere but on loopback; nothing is written down', async () => {
      let state = '';
      await refuses(
        /listens on loopback only: [^]*npm start -- --fixture none/,
        [],
        { NEFOS_HOST: '0.0.0.0' },
        async (nefos) => {
          ({ state } = nefos);
          return () => expect(existsSync(path.join(state, 'state.json'))).toBe(false);
        },
      );
    });
    it('a fixture by a setting that npm start does not go by', () =>
      refuses(/NEFOS_FIXTURE=none: [^]*npm start -- --fixture none/, [], { NEFOS_FIXTURE: 'none' }));
    it('settings of its own that do not exist or make no sense', () =>
      refuses(/NEFOS_START_STAT: no such setting[^]*NEFOS_START_DATABASE_PORT=abc: a port is a number/, [], {
        NEFOS_START_STAT: 'x',
        NEFOS_START_DATABASE_PORT: 'abc',
      }));
    it('an unknown option, with the help', () =>
      refuses(/Unknown option '--fixtur'[^]*npm start \[-- --fixture demo\|none\]/, ['--fixtur', 'none'], {}));
    it('an unknown fixture', () => refuses(/--fixture other: there are "demo" and "none"/, ['--fixture', 'other'], {}));
  });
});
