import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

jest.setTimeout(180_000);
const root = path.resolve(__dirname, '../../..');
const dir = mkdtempSync(path.join(os.tmpdir(), 'nefos-options-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const { scripts } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};
/** Runs a script as npm does; none of these may begin its work. */
const run = (command: string[], { env = {}, cwd = root }: { env?: Record<string, string>; cwd?: string } = {}) =>
  spawnSync(process.execPath, command, {
    cwd,
    encoding: 'utf8',
    timeout: 60_000,
    env: { PATH: process.env.PATH ?? '', NEFOS_START_STATE: dir, ...env },
  });
const own = Object.entries(scripts).flatMap(([name, command]) => {
  const file = /(scripts\/\S+\.mjs)$/.exec(command)?.[1];
  return file ? [[name, file] as const] : [];
});

describe('options of the scripts', () => {
  it.each(own)(
    'npm run %s: --help shows it, an option that does not exist is one line and the help; nothing is done',
    (name, file) => {
      const help = run([file, '--help']);
      expect([help.status, help.stderr]).toEqual([0, '']);
      expect(help.stdout).toMatch(name === 'nefos' ? /^Usage: nefos/ : new RegExp(`^npm (run )?${name}\\b`));
      // Jest reads the options of npm test, and commander those of npm run nefos.
      if (name === 'test' || name === 'nefos') return;
      const bogus = run([file, '--bogus']);
      expect([bogus.status, bogus.stdout]).toEqual([1, '']);
      expect(bogus.stderr.trim()).toBe(`Unknown option '--bogus'\n\n${help.stdout.trim()}`);
    },
  );
  it('npm run bench and npm start: what can not be meant is one line', () => {
    expect(run(['scripts/bench/run.mjs', 'nothing']).stderr).toMatch(/^no such part: nothing\n/);
    const moved = run(['scripts/start.mjs', '--database-moved']);
    expect([moved.status, moved.stdout, moved.stderr.trim()]).toEqual([
      1,
      '',
      expect.stringMatching(/^--database-moved: NEFOS_DATABASE_URL is not set; [^\n]*$/),
    ]);
  });
  it('npm start: a state directory that can not be made is one line', () => {
    const file = path.join(dir, 'file');
    writeFileSync(file, '');
    for (const state of [file, path.join(file, 'below')])
      expect(run(['scripts/start.mjs'], { env: { NEFOS_START_STATE: state } }).stderr.trim()).toMatch(
        /^\S+ can not be written \(E[A-Z]+\): choose another directory by NEFOS_START_STATE$/,
      );
  });
  it('npm run nefos: whose help it is, and databases that are none', () => {
    expect(run(['scripts/nefos.mjs', 'help']).stdout).toMatch(
      /^Usage: nefos[^]*\n {2}audit [^]*\n {2}flavor [^]*\n {2}jobs [^]*\nBesides: `backup <file>`/,
    );
    for (const [topic, words] of [
      ['backup', /^backup <file>/],
      ['jobs', /^Usage: nefos jobs/],
      ['outbox', /^Usage: nefos outbox/],
      ['flavor', /^Usage: nefos flavor/],
      ['user', /^Usage: nefos user/],
      ['node', /^Usage: nefos node/],
      ['secrets', /^Usage: nefos secrets/],
    ] as const) {
      const { status, stdout, stderr } = run(['scripts/nefos.mjs', 'help', topic]);
      expect([status, stdout, stderr]).toEqual([0, expect.stringMatching(words), '']);
    }
    const unknown = run(['scripts/nefos.mjs', 'flavour', 'list']);
    expect([unknown.status, unknown.stdout, unknown.stderr]).toEqual([
      1,
      '',
      expect.stringMatching(/^there is no command flavour: there are audit, backup, [^\n]*\n$/),
    ]);
    expect(run(['scripts/nefos.mjs', '--json', 'jobs', 'list']).stderr).toMatch(
      /^Nefos does not run: .*NEFOS_COMPUTE_DATABASE_URL and NEFOS_IDENTITY[^ ]* and NEFOS_INTROSPECTION/,
    );
    for (const [setting, args] of [
      ['NEFOS_IDENTITY_DATABASE_URL', ['user', 'list']],
      ['NEFOS_COMPUTE_DATABASE_URL', ['outbox', 'list']],
      ['NEFOS_INTROSPECTION_DATABASE_URL', ['node', 'list']],
    ] as const) {
      expect(run(['scripts/nefos.mjs', ...args], { env: { [setting]: 'foo' } }).stderr).toBe(
        `${setting} is no address such as postgres://user:password@host:5432/name\n`,
      );
      expect(
        run(['scripts/nefos.mjs', ...args], { env: { [setting]: 'postgres://a:b@127.0.0.1:1/x' } }).stderr,
      ).toMatch(new RegExp(`^the database can not be used \\(.*\\): is Nefos running, is ${setting} right\\?\\n$`));
    }
  });
  it('npm run demo: only credentials that are not there want a start', () => {
    const file = path.join(dir, 'credentials.json');
    const says = () => run(['scripts/demo.mjs']).stderr.trim();
    expect(says()).toBe(`no credentials in ${file}: run \`npm start\` first, and set NEFOS_START_STATE as there`);
    writeFileSync(file, '{');
    expect(says()).toMatch(/^\S+credentials\.json can not be read \(/);
  });
  it('in a fresh clone, without packages, --help needs none', () => {
    const clone = mkdtempSync(path.join(dir, 'clone-'));
    cpSync(path.join(root, 'scripts'), path.join(clone, 'scripts'), { recursive: true });
    for (const [name, file] of own.filter(([one]) => one !== 'nefos')) {
      const { status, stderr } = run([file, '--help'], { cwd: clone });
      expect([name, status, stderr]).toEqual([name, 0, '']);
    }
    // The operator's command installs first, which is not possible here.
    const { status, stderr } = run(['scripts/nefos.mjs', '--help'], { cwd: clone });
    expect([status, stderr]).toEqual([1, expect.not.stringContaining('\n    at ')]);
  });
});

describe('the last line of npm test', () => {
  const result = (report: object, code: number | string): unknown => {
    const call = `jestResult(${JSON.stringify(report)}, ${JSON.stringify(code)}, ['a.test.ts'])`;
    const program = `import { jestResult } from './scripts/lib/jest-result.mjs'; console.log(JSON.stringify(${call}))`;
    return JSON.parse(run(['--input-type=module', '-e', program]).stdout);
  };
  const report = { numPassedTests: 2, numFailedTests: 0, numRuntimeErrorTestSuites: 0, numTotalTests: 2 };
  it('counts a run without tests, and a Jest that ended badly, as a failure', () => {
    expect(result(report, 0)).toEqual({ passed: 2, failed: 0 });
    expect(result({ ...report, numFailedTests: 1, numRuntimeErrorTestSuites: 1 }, 1)).toEqual({ passed: 2, failed: 2 });
    expect(result({ ...report, numPassedTests: 0, numTotalTests: 0 }, 1)).toEqual({
      passed: 0,
      failed: 1,
      wrong: 'no test ran: nothing fits a.test.ts',
    });
    expect(result({ ...report, numPassedTests: 0 }, 0)).toMatchObject({
      failed: 1,
      wrong: expect.stringMatching(/^no test ran/),
    });
    expect(result(report, 'SIGKILL')).toMatchObject({
      failed: 1,
      wrong: 'Jest ended with SIGKILL, though no test failed',
    });
  });
});

describe('parts of npm test', () => {
  const files = [
    'packages/service-kit/test/jobs.test.ts',
    'services/compute/src/instances/domain/states.test.ts',
    'services/compute/test/instances/actions.test.ts',
    'services/compute/test/instances.create.test.ts',
    'services/identity/test/access/tokens.test.ts',
  ];
  const filesOf = (...words: string[]) => {
    const call = `filesOf(${JSON.stringify(words)}, ${JSON.stringify(files)})`;
    return run([
      '--input-type=module',
      '-e',
      `import { filesOf } from './scripts/lib/test-parts.mjs'; console.log(JSON.stringify(${call}))`,
    ]);
  };
  it.each([
    [['compute/instances'], [1, 2, 3]],
    [
      ['identity', 'kit'],
      [4, 0],
    ],
    [['services/compute/test/instances/actions.test.ts', 'compute/instances/actions'], [2]],
    [['services/compute'], [1, 2, 3]],
    [['tokens.test'], [4]],
  ])('%j', (words, found) => {
    expect(JSON.parse(filesOf(...words).stdout)).toEqual(found.map((n) => files[n]));
  });
  it('an unknown part is refused with what there is', () => {
    expect(filesOf('compute/nothing').stderr).toContain('no test fits compute/nothing: there are compute/instances');
    expect(filesOf('nothing').stderr).toContain('there are compute, identity, kit');
  });
});
