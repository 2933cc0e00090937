import { execFile, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './docs-tree.js';
import { supervisor } from './supervisor.js';

jest.setTimeout(240_000);
const page = readFileSync(path.join(root, 'docs/first-cloud.md'), 'utf8');
/** The commands of the page, a block each. */
const blocks = [...page.matchAll(/^```sh\n([^]*?)^```/gm)].map((match) => match[1] ?? '');

describe('docs/first-cloud.md', () => {
  it('its commands lead from an empty installation to a machine that its user sees running', async () => {
    const [start, ...rest] = blocks;
    expect(start).toBe('npm start -- --fixture none\n');
    expect(rest.length).toBeGreaterThan(6);
    const nefos = await supervisor();
    try {
      void nefos.run(['--fixture', 'none']);
      await nefos.ready();
      // Ports and state of a test are its own; the files that the page makes go beside its state.
      const commands = rest
        .join('\n')
        .replaceAll('http://127.0.0.1:8080', nefos.gateway)
        .replaceAll('./.nefos/', `${nefos.state}/`)
        .replaceAll('first-disk.raw', path.join(nefos.dir, 'first-disk.raw'));
      const env = { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', NEFOS_START_STATE: nefos.state };
      const { code, out, err } = await new Promise<{ code: number; out: string; err: string }>((resolve) => {
        // A shell as a user has it, that ends at the first command that fails.
        const shell = spawn('bash', ['-e', '-o', 'pipefail', '-c', commands], { cwd: root, env, timeout: 180_000 });
        let [out, err] = ['', ''];
        shell.stdout.on('data', (part: Buffer) => (out += part.toString()));
        shell.stderr.on('data', (part: Buffer) => (err += part.toString()));
        shell.once('close', (status) => resolve({ code: status ?? -1, out, err }));
      });
      expect({ code, err }).toEqual({ code: 0, err: '' });
      // The last command's answer: Jane's list.
      const list = JSON.parse(out.trim().split('\n').at(-1) ?? '') as {
        totalCount: number;
        objects: { name: string; status: string; access_ip: string }[];
      };
      expect(list).toMatchObject({
        totalCount: 1,
        objects: [{ name: 'first', status: 'active', access_ip: '10.0.0.2', host_name: null }],
      });
      // What the page says at its end holds, too.
      const demo = await new Promise<string>((resolve) => {
        execFile(process.execPath, ['scripts/demo.mjs'], { cwd: root, env }, (failure, said, wrong) =>
          resolve(failure ? wrong : said),
        );
      });
      expect(demo).toContain('All of it was as promised.');
    } finally {
      await nefos.close();
    }
  });
});
