import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const root = path.resolve(__dirname, '../../..');
const { scripts } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};
const dir = mkdtempSync(path.join(os.tmpdir(), 'nefos-old-node-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
/** A module to load first, which makes Node report another version. */
const pretend = (version: string): string => {
  const file = path.join(dir, `${version}.cjs`);
  writeFileSync(
    file,
    `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } });`,
  );
  return file;
};
const runAs = (version: string, command: string) => {
  const [program, ...args] = command.split(' ');
  expect(program).toBe('node');
  return spawnSync(process.execPath, ['-r', pretend(version), ...args], {
    cwd: root,
    encoding: 'utf8',
    timeout: 60_000,
  });
};

describe('an old Node.js gets one line that says which one is needed', () => {
  it.each(Object.entries(scripts))('npm run %s', (_name, command) => {
    // Checked first: without the guard the script would really run here.
    expect(command).toMatch(/^node -r \.\/scripts\/lib\/check-node\.cjs /);
    for (const version of ['18.19.0', '20.18.3']) {
      const { status, stdout, stderr } = runAs(version, command.replaceAll('"', ''));
      expect([status, stdout]).toEqual([1, '']);
      expect(stderr).toMatch(
        new RegExp(
          `^Nefos needs Node\\.js 20\\.19 or newer, this is ${version.replaceAll('.', '\\.')}: install [^\\n]*https://nodejs\\.org/[^\\n]*\\n$`,
        ),
      );
    }
  });
  it.each(['start', 'test', 'demo', 'nefos'])('scripts/%s.mjs without npm', (name) => {
    const [first] = /^import .*$/m.exec(readFileSync(path.join(root, 'scripts', `${name}.mjs`), 'utf8')) ?? [];
    expect(first).toBe("import './lib/check-node.cjs';");
    const { status, stderr } = runAs('18.19.0', `node scripts/${name}.mjs`);
    expect([status, stderr]).toEqual([
      1,
      expect.stringMatching(/^Nefos needs Node\.js 20\.19 or newer, this is 18\.19\.0: [^\n]*\n$/),
    ]);
  });
  it('any Node can read the check', () => {
    const check = path.join(root, 'scripts/lib/check-node.cjs');
    // ES5 only: no arrow functions, template literals, constants, optional chains, imports.
    expect(readFileSync(check, 'utf8')).not.toMatch(/=>|`|\b(const|let|import|export|class|async|await)\b|\?\.|\?\?/);
  });
  it('this one, and newer ones, pass', () => {
    const check = path.join(root, 'scripts/lib/check-node.cjs');
    expect(existsSync(check)).toBe(true);
    for (const version of ['20.19.0', '22.0.0', '24.1.0', process.versions.node])
      expect([version, runAs(version, `node -r ${check} -e process.exit(7)`).status]).toEqual([version, 7]);
  });
});
