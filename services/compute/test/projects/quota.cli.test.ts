import { execFile } from 'node:child_process';
import path from 'node:path';
import { sql } from '@nefos/service-kit';
import { useCloud } from '../cloud-support.js';

const root = path.resolve(__dirname, '../../../..');

describe('npm run nefos -- quota', () => {
  const cloud = useCloud();
  const { service } = cloud;
  const nefos = (...args: string[]): Promise<{ code: number; out: string; err: string }> =>
    new Promise((resolve) => {
      const env = { PATH: process.env.PATH ?? '', NEFOS_COMPUTE_DATABASE_URL: service.url };
      execFile(process.execPath, ['scripts/nefos.mjs', 'quota', ...args], { cwd: root, env }, (failure, out, err) =>
        resolve({ code: Number(failure?.code ?? 0), out, err }),
      );
    });
  const rows = async (...args: string[]): Promise<Record<string, unknown>> => {
    const { code, out, err } = await nefos(...args, '--json');
    expect([args, code, err]).toEqual([args, 0, '']);
    return Object.fromEntries(
      (JSON.parse(out) as { resource: string }[]).map(({ resource, ...one }) => [resource, one]),
    );
  };
  const refused = async (...args: string[]): Promise<string> => {
    const { code, out, err } = await nefos(...args);
    expect([args, code, out]).toEqual([args, 1, '']);
    return err;
  };

  it('shows and sets the limits of a project, by id and by name; bad input is one line', async () => {
    const [project] = await sql<{ id: string }>(
      service.db,
      `update project set name = 'acme' where service_id in (select id from service where client_id = $1) returning id`,
      [service.ownClient],
    );
    const id = project?.id as string;
    await cloud.build();
    await cloud.ask();
    expect(await rows('show', 'acme')).toMatchObject({
      instances: { limit: 10, in_use: 1, reserved: 1 },
      router: { limit: 10, in_use: 0, reserved: 0 },
    });
    expect(await rows('set', id, 'cores=40', 'ram=unlimited')).toMatchObject({
      cores: { limit: 40 },
      ram: { limit: 'unlimited' },
    });
    expect(await rows('set', id, 'cores=default', 'volumes=0')).toMatchObject({
      cores: { limit: 20 },
      volumes: { limit: 0 },
    });
    expect((await service.staff.get(`/staffapi/openstack/quotas/${id}`).expect(200)).body.ram.limit).toBe(-1);
    expect(await refused('set', id, 'instances=1')).toBe(
      'Quota limit 1 for instances must be greater than or equal to already used and reserved 2. ' +
        '--force sets it all the same.\n',
    );
    expect(await rows('set', id, 'instances=1', '--force')).toMatchObject({ instances: { limit: 1 } });
    expect(await refused('show', 'nobody')).toBe('there is no project nobody\n');
    await sql(service.db, `update project set name = 'acme'`);
    expect(await refused('show', 'acme')).toBe('there is more than one project acme: give its id\n');
    expect(await refused('set', id)).toContain('limits');
    expect(await refused('set', id, 'disks=1')).toContain('there is no resource disks: there are instances, cores');
    expect(await refused('set', id, 'cores')).toBe('cores is no limit: write <resource>=<limit>\n');
    expect(await refused('set', id, 'cores=many')).toBe(
      'cores: a limit is a whole number from 0 to 2147483647, unlimited or default\n',
    );
    expect(await refused('drop', id)).toContain('drop');
    expect((await nefos('--help')).out).toContain('set [options] <project>');
  }, 120_000);
});
