import { execFile } from 'node:child_process';
import path from 'node:path';
import { createSecretBox, newSecretKey, parseSecretKeys, sql } from '@nefos/service-kit';
import { loadDemo } from '../src/demo.js';
import { driverInfoOf } from '../src/nodes/domain/driver-secrets.js';
import { demandNode } from '../src/nodes/domain/nodes.js';
import { useService } from './support.js';

const root = path.resolve(__dirname, '../../..');
const OLD_KEY = Buffer.alloc(32, 7).toString('base64');

describe('npm run nefos -- node', () => {
  const service = useService();
  const said = (args: string[], keys = OLD_KEY): Promise<{ code: number; out: string; err: string }> =>
    new Promise((resolve) => {
      const env = {
        PATH: process.env.PATH ?? '',
        NEFOS_INTROSPECTION_DATABASE_URL: service.url,
        NEFOS_SECRET_KEYS: keys,
      };
      execFile(process.execPath, ['scripts/nefos.mjs', ...args], { cwd: root, env }, (failure, out, err) =>
        resolve({ code: Number(failure?.code ?? 0), out, err }),
      );
    });
  const rows = async (...args: string[]): Promise<Record<string, unknown>[]> => {
    const { code, out, err } = await said([...args, '--json']);
    expect([code, err]).toEqual([0, '']);
    return JSON.parse(out) as Record<string, unknown>[];
  };

  it("lists the demo's machines, starts one, and shows it; what was removed does not come back", async () => {
    await loadDemo(service.ctx);
    const names = async () => (await rows('node', 'list')).map(({ name, run }) => [name, run]);
    expect(await names()).toEqual([
      ['rack1-small', null],
      ['rack1-storage', null],
      ['rack1-gpu', null],
    ]);
    expect(await rows('node', 'inspect', 'rack1-gpu', '--no-boot')).toMatchObject([
      { name: 'rack1-gpu', run: 'waiting', run_error: null },
    ]);
    expect(await rows('node', 'show', 'rack1-gpu')).toMatchObject([
      { provision_state: 'enroll', driver_info: { simulated_machine: 'gpu' }, run: 'waiting' },
    ]);
    const { out } = await said(['node', 'show', 'rack1-gpu']);
    expect(out).toContain('simulated_machine=gpu');
    await sql(service.db, "delete from node where name = 'rack1-small'");
    await loadDemo(service.ctx);
    expect((await names()).map(([name]) => name)).toEqual(['rack1-storage', 'rack1-gpu']);
  });
  it('a machine that nothing would recognise is not waited for', async () => {
    await service.registry('post', '/v1/nodes').send({ driver: 'fake-hardware', name: 'lonely' }).expect(201);
    // Nothing would recognise it, which is a reason to say.
    const { code, err } = await said(['node', 'inspect', 'lonely', '--no-boot']);
    expect([code, err]).toEqual([1, expect.stringMatching(/^There are no look-up attributes for node [^\n]+\n$/)]);
  });
  it('one line for a node that there is not, and for a command that there is not', async () => {
    expect(await said(['node', 'show', 'nobody'])).toEqual({
      code: 1,
      out: '',
      err: 'Node nobody could not be found.\n',
    });
    expect(await said(['node', 'explode'])).toMatchObject({ code: 1, out: '' });
  });
  it('passwords of BMCs are shown to nobody, and sealed anew with another key', async () => {
    await service
      .registry('post', '/v1/nodes')
      .send({ driver: 'redfish', name: 'secretive', driver_info: { redfish_password: 'hunter2-of-the-bmc' } })
      .expect(201);
    const shown = await said(['node', 'show', 'secretive', '--json']);
    expect(shown.out).toContain('"redfish_password": "******"');
    expect(shown.out + shown.err).not.toContain('hunter2');
    const key = newSecretKey();
    const { code, out } = await said(['secrets', 'rotate', '--json'], `${key} ${OLD_KEY}`);
    expect([code, JSON.parse(out)]).toEqual([0, [expect.objectContaining({ sealed_anew: 1 })]]);
    const secrets = createSecretBox(parseSecretKeys(key));
    const node = await demandNode(service.db, 'secretive');
    expect(driverInfoOf({ secrets }, node).redfish_password).toBe('hunter2-of-the-bmc');
  });
});
