import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { runNode } from './nefos-command.js';

/** The supervisor's own module, which Jest does not load. */
const withLogs = async (lines: string): Promise<string> => {
  const script = `import { PassThrough } from 'node:stream'; import fs from 'node:fs';
    import { openLog, rotateInPlace } from './scripts/lib/logs.mjs';
    const file = process.env.LOG; const say = (line) => process.stderr.write(line + '\\n'); ${lines}`;
  const { code, output } = await runNode(['--input-type=module', '-e', script], { LOG: file });
  expect([code, output]).toEqual([0, expect.anything()]);
  return output;
};
const dir = mkdtempSync(path.join(os.tmpdir(), 'nefos-logs-'));
const file = path.join(dir, 'x.log');
afterAll(() => rmSync(dir, { recursive: true, force: true }));
beforeEach(() => {
  for (const name of readdirSync(dir)) rmSync(path.join(dir, name), { recursive: true });
});
const names = (): string[] => readdirSync(dir).sort();
const linesIn = (name: string): number[] =>
  readFileSync(path.join(dir, name), 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => (JSON.parse(line) as { n: number }).n);

describe('the log files of npm start', () => {
  it('are put aside by size while the service runs, between two lines; the oldest go', async () => {
    await withLogs(`const log = openLog({ file, toStdout: false, bytes: 1000, kept: 3, say });
      const a = new PassThrough(); log.take(a);
      for (let n = 0; n < 200; n += 1) {
        const line = JSON.stringify({ n, pad: 'x'.repeat(60) }) + '\\n';
        a.write(line.slice(0, 17)); a.write(line.slice(17)); await new Promise((r) => setImmediate(r));
      }
      a.end(); await log.close();`);
    expect(names()).toEqual(['x.log', 'x.log.1', 'x.log.2', 'x.log.3']);
    const numbers = ['x.log.3', 'x.log.2', 'x.log.1', 'x.log'].flatMap(linesIn);
    expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, i) => 200 - numbers.length + i));
    for (const name of names()) {
      expect(statSync(path.join(dir, name)).size).toBeLessThanOrEqual(1000);
      expect(statSync(path.join(dir, name)).mode & 0o777).toBe(0o600);
    }
  });
  it('one that is too large from before is put aside with the first line; a small one is gone on with', async () => {
    const one = `const log = openLog({ file, toStdout: false, bytes: 1000, kept: 2, say });
      const a = new PassThrough(); log.take(a); a.end('{"n":1}\\n'); await log.close();`;
    writeFileSync(file, `${'y'.repeat(5000)}\n`);
    await withLogs(one);
    await withLogs(one);
    expect(names()).toEqual(['x.log', 'x.log.1']);
    expect(linesIn('x.log')).toEqual([1, 1]);
  });
  it('a place that can not be written is told once and ends nothing', async () => {
    rmSync(file, { force: true });
    const output =
      await withLogs(`fs.mkdirSync(file); const log = openLog({ file, toStdout: false, bytes: 1000, kept: 2, say });
        const a = new PassThrough(); log.take(a);
      for (let n = 0; n < 5; n += 1) { a.write('lost\\n'); await new Promise((r) => setTimeout(r, 10)); }
      fs.rmdirSync(file); a.end('{"n":7}\\n'); await log.close();`);
    expect(output.match(/can not be written \(EISDIR\)/g)).toHaveLength(1);
    expect(linesIn('x.log')).toEqual([7]);
  });
  it('go to standard output when that is wanted: whole lines of each, no file', async () => {
    const output = await withLogs(`const logs = [0, 1].map(() => openLog({ file, toStdout: true, say }));
        const streams = logs.map((log) => { const s = new PassThrough(); log.take(s); return s; });
      for (let n = 0; n < 50; n += 1) for (const s of streams) { s.write('{"n":'); s.write(n + '}\\n'); }
      for (const s of streams) s.end(); await new Promise((r) => setTimeout(r, 50));`);
    const numbers = output
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { n: number }).n);
    expect(numbers).toHaveLength(100);
    expect(existsSync(file)).toBe(false);
  });
  it("PostgreSQL's, which it writes itself, is copied aside and cut", async () => {
    writeFileSync(file, 'z'.repeat(2000));
    writeFileSync(`${file}.1`, 'older');
    await withLogs(
      `const out = fs.openSync(file, 'a'); await rotateInPlace(file, { bytes: 3000, kept: 3 });
       await rotateInPlace(file, { bytes: 1000, kept: 3 }); fs.writeSync(out, 'after');`,
    );
    expect(names().map((name) => [name, readFileSync(path.join(dir, name), 'utf8').slice(0, 6)])).toEqual([
      ['x.log', 'after'],
      ['x.log.1', 'zzzzzz'],
      ['x.log.2', 'older'],
    ]);
  });
});
