import { execFile, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { nefosCommand } from './nefos-command.js';
import { ask } from './stack.js';
import { supervisor } from './supervisor.js';

jest.setTimeout(150_000);
const root = path.resolve(__dirname, '../../..');
type Nefos = Awaited<ReturnType<typeof supervisor>>;
/** `npm run demo`'s own program. */
const demo = (nefos: Nefos): Promise<{ code: number; out: string; err: string }> =>
  new Promise((resolve) => {
    const env = { PATH: process.env.PATH ?? '', NEFOS_START_STATE: nefos.state };
    execFile(process.execPath, ['scripts/demo.mjs'], { cwd: root, env }, (error, out, err) =>
      resolve({ code: error ? Number(error.code) : 0, out, err }),
    );
  });
/** The numbers of clients and users. */
const people = async (nefos: Nefos): Promise<unknown> => {
  const headers = { Authorization: `Token ${nefos.credentials().compute.staff.token}` };
  const total = async (what: string): Promise<unknown> =>
    (JSON.parse((await ask(`${nefos.gateway}/staffapi/${what}`, { headers })).text) as { totalCount: number })
      .totalCount;
  return { clients: await total('clients'), users: await total('users') };
};

describe('npm run demo', () => {
  it('on an empty installation says so in one line, and changes nothing', async () => {
    const nefos = await supervisor();
    try {
      void nefos.run(['--fixture', 'none']);
      await nefos.ready();
      const before = await people(nefos);
      const { code, out, err } = await demo(nefos);
      expect([code, out]).toEqual([1, '']);
      expect(err.trim().split('\n')).toEqual([
        'this installation has no regions, flavors, images, networks; nothing was changed. ' +
          'docs/first-cloud.md fills it; or take the demo data: npm start -- --fixture demo, with an empty state directory',
      ]);
      expect(await people(nefos)).toEqual(before);
      // What is missing is named, as far as the installation is filled.
      const env = { NEFOS_START_STATE: nefos.state };
      expect(await nefosCommand(['region', 'add', 'Region1'], env)).toMatchObject({ code: 0 });
      const filled = await demo(nefos);
      expect([filled.code, filled.out]).toEqual([1, '']);
      expect(filled.err).toMatch(/^\s*this installation has no flavors, images, networks; nothing was changed\. /);
      expect(await people(nefos)).toEqual(before);
    } finally {
      await nefos.close();
    }
  });
  it('with the demo fixture tells its story, and leaves nobody behind', async () => {
    const nefos = await supervisor();
    try {
      void nefos.run();
      await nefos.ready();
      const before = await people(nefos);
      const { code, out, err } = await demo(nefos);
      expect([code, err]).toEqual([0, '']);
      expect(out).toContain('All of it was as promised.');
      expect(await people(nefos)).toEqual(before);
      // Under terms of use the new user could do nothing: the demo says so, and makes none.
      const file = path.join(nefos.dir, 'terms.txt');
      writeFileSync(file, 'Be kind.');
      const env = { PATH: process.env.PATH ?? '', NEFOS_START_STATE: nefos.state };
      const add = spawnSync(process.execPath, ['scripts/nefos.mjs', 'terms', 'add', file], {
        cwd: root,
        env,
        encoding: 'utf8',
      });
      expect([add.status, add.stderr]).toEqual([0, '']);
      const bound = await demo(nefos);
      expect([bound.code, bound.out]).toEqual([1, '']);
      expect(bound.err.trim().split('\n')).toEqual([
        expect.stringMatching(/^terms of use are in force: .*npm run nefos -- terms sign.*nothing was changed$/),
      ]);
      expect(await people(nefos)).toEqual(before);
      // Addresses in the output of the command are those of the gateway.
      const list = spawnSync(process.execPath, ['scripts/nefos.mjs', '--json', 'endpoint', 'list'], {
        cwd: root,
        env,
        encoding: 'utf8',
      });
      const urls = (JSON.parse(list.stdout) as { publicURL: string }[]).map((one) => one.publicURL);
      expect(urls.filter((url) => url.startsWith(`${nefos.gateway}/`)).length).toBeGreaterThan(1);
      expect(urls.filter((url) => url.startsWith('http://127.0.0.1:8080'))).toEqual([]);
    } finally {
      await nefos.close();
    }
  });
});
