import { createServer } from 'node:http';
import { migrateJobs, openDatabase } from '@nefos/service-kit';
import { cloneDatabase } from '@nefos/testing';
import request from 'supertest';
import { readComputeConfig } from '../src/config.js';
import { listenForCallers } from '../src/ports/caller-notices.js';
import { migrations } from '../src/migrations/index.js';
import { start } from '../src/start.js';
import { log, useService } from './support.js';

describe('start', () => {
  it('serves, says whether it is ready, and stops without leaving anything open', async () => {
    const { url, drop } = await cloneDatabase({ name: 'compute', migrations, log, more: migrateJobs });
    const identity = createServer((_req, res) => {
      res.end('{}');
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => {
      identity.once('listening', resolve);
    });
    const config = readComputeConfig({
      NEFOS_COMPUTE_DATABASE_URL: url,
      NEFOS_COMPUTE_PORT: '0',
      NEFOS_COMPUTE_TOKEN: 'component-token-of-compute',
      NEFOS_IDENTITY_URL: `http://127.0.0.1:${(identity.address() as { port: number }).port}`,
      NEFOS_METERING_URL: 'http://127.0.0.1:1',
      NEFOS_LOG_LEVEL: 'silent',
      NEFOS_FIXTURE: 'demo',
    });
    const { port, stop } = await start(config);
    const on = request(`http://127.0.0.1:${port}`);
    expect((await on.get('/healthz').expect(200)).body).toEqual({ status: 'ok' });
    expect((await on.get('/readyz').expect(200)).body.checks).toEqual({ database: true, queue: true, identity: true });
    expect((await on.get('/metrics').expect(200)).text).toContain('nefos_http_request_seconds');
    expect((await on.get('/openapi.json').expect(200)).body.openapi).toBe('3.1.0');
    identity.close();
    identity.closeAllConnections();
    expect((await on.get('/readyz').expect(503)).body.checks).toEqual({ database: true, queue: true, identity: false });
    await stop();
    await expect(on.get('/healthz')).rejects.toThrow(/ECONNREFUSED/);
    const db = await openDatabase({ url, log, applicationName: 'look' });
    expect(
      (
        await db.pool.query(
          `select application_name from pg_stat_activity where datname = current_database() and application_name like 'nefos%'`,
        )
      ).rows,
    ).toEqual([]);
    await db.close();
    await drop();
  });
  it('every fault of the configuration is told at once', () => {
    expect(() =>
      readComputeConfig({
        NEFOS_COMPUTE_TOKEN: 'short',
        NEFOS_COMPUTE_TIME_ZONE: 'Mars/Base',
        NEFOS_COMPUTE_TYPO: '1',
      }),
    ).toThrow(
      /NEFOS_COMPUTE_TYPO: no such setting(.|\n)*NEFOS_COMPUTE_DATABASE_URL: is missing(.|\n)*NEFOS_COMPUTE_TOKEN(.|\n)*NEFOS_COMPUTE_TIME_ZONE: is no time zone/,
    );
  });
});

describe('another process', () => {
  const service = useService();
  it('forgets a user the moment somebody changes it here', async () => {
    const heard: string[] = [];
    let wake = (): void => undefined;
    const said = new Promise<void>((resolve) => {
      wake = resolve;
    });
    const notices = await listenForCallers(
      service.url,
      (uuid) => {
        heard.push(uuid);
        wake();
      },
      { log },
    );
    const user = await service.seedUser({ username: 'seen', clients: [] });
    await service.staff.patch(`/staffapi/users/${user.id}`, { is_active: false }).expect(200);
    await said;
    expect(heard).toEqual([user.uuid]);
    await notices.stop();
  });
});
