import { execFile } from 'node:child_process';
import path from 'node:path';
import { publish, sql } from '@nefos/service-kit';
import { useService } from './support.js';

const root = path.resolve(__dirname, '../../..');

describe('npm run nefos -- outbox, jobs', () => {
  const service = useService();
  const nefos = (...args: string[]): Promise<{ code: number; out: string; err: string }> =>
    new Promise((resolve) => {
      const env = { PATH: process.env.PATH ?? '', NEFOS_COMPUTE_DATABASE_URL: service.url };
      execFile(process.execPath, ['scripts/nefos.mjs', ...args], { cwd: root, env }, (failure, out, err) =>
        resolve({ code: Number(failure?.code ?? 0), out, err }),
      );
    });

  it('lists what is kept and tries it again; bad input is one line', async () => {
    await sql(service.db, 'delete from outbox');
    const id = await service.db.transaction((tx) => publish(tx, 'instance:1', (event) => ({ id: event })));
    await service.db.transaction((tx) => publish(tx, 'instance:1', (event) => ({ id: event })));
    await sql(service.db, "update outbox set set_aside_at = now(), blamed = 5, last_error = 'answered 500' where event_id = $1", [id]);
    const listed = await nefos('outbox', 'list', '--json');
    expect({ ...listed, out: JSON.parse(listed.out) as unknown }).toMatchObject({
      code: 0,
      err: '',
      out: [{ event: id, aggregate: 'instance:1', state: 'set aside', waiting: 1, error: 'answered 500' }],
    });
    expect(await nefos('outbox', 'retry', id)).toMatchObject({ code: 0 });
    expect(JSON.parse((await nefos('outbox', 'list', '--json')).out)).toEqual([]);
    expect(await nefos('outbox', 'retry', id)).toMatchObject({ code: 1, err: '1 of these ids are not in the list\n' });
    expect(await nefos('outbox', 'retry', 'x')).toMatchObject({ code: 1, err: 'x is no id of an event: see `outbox list`\n' });
    expect(await nefos('jobs', 'retry')).toMatchObject({ code: 1, err: 'give ids, or --all\n' });
    expect(await nefos('jobs', 'retry', '--all', '--json')).toMatchObject({ code: 0, out: JSON.stringify([{ retried: 0 }], null, 2) + '\n' });
    expect((await nefos('jobs', 'list')).out).toBe('(none)\n');
    expect(await nefos('outbox', 'burn')).toMatchObject({ code: 1 });
  }, 60_000);
});
