import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { sql } from '@nefos/service-kit';
import { rh, useService } from '../support.js';

const FLEET = 'client-of-a-fleet';
const INSTANCES = 2_000;
const QUERY = 'concurrent/?start_date=2019-04-01&end_date=2019-07-10&limit=100';

describe('the report of a large fleet', () => {
  const service = useService();
  beforeAll(async () => {
    await sql(
      service.db,
      `with u as (insert into app_user (account_number) values ($1) returning id), c as (insert into nefos_cloud_account (client_id) values ($1) returning id),
      a as (insert into cloud_account (user_id, name, nefos_cloud_account_id) select u.id, 'fleet', c.id from u, c returning id, user_id),
      p as (insert into nefos_machine_image (image_uuid) values ('fleet') returning id), m as (insert into machine_image (nefos_machine_image_id) select id from p returning id),
      n as (insert into nefos_instance (instance_uuid, region) select gen_random_uuid(), 'r' from generate_series(1, $2::int) returning id),
      i as (insert into instance (user_id, cloud_account_id, machine_image_id, nefos_instance_id) select a.user_id, a.id, m.id, n.id from a, m, n returning *)
      insert into run (user_id, cloud_account_id, instance_id, start_time, vcpu, memory) select user_id, cloud_account_id, id, '2019-01-01', 1, 2 from i`,
      [FLEET, INSTANCES],
    );
  });

  it('200: HEAD tells the length that GET has', async () => {
    const { text, headers } = await service.call('get', QUERY, FLEET).expect(200);
    expect(
      JSON.parse(text).data.map((d: { instances: number; instances_list: unknown[] }) => [
        d.instances,
        d.instances_list.length,
      ]),
    ).toEqual(Array(100).fill([INSTANCES, INSTANCES]));
    expect(Number(headers['content-length'])).toBe(Buffer.byteLength(text));
    expect((await service.call('head', QUERY, FLEET).expect(200)).headers['content-length']).toBe(
      headers['content-length'],
    );
  });
  it('is not held in memory for a client that reads slowly, and not finished for one that leaves', async () => {
    const server = http.createServer(service.app).listen(0, '127.0.0.1');
    await once(server, 'listening');
    let answer: http.ServerResponse | undefined;
    server.on('request', (_req, out: http.ServerResponse) => {
      answer = out;
    });
    try {
      const req = http.get({
        port: (server.address() as AddressInfo).port,
        host: '127.0.0.1',
        path: `/v2/${QUERY}`,
        headers: rh(FLEET),
        agent: false,
      });
      const [res] = (await once(req, 'response')) as [http.IncomingMessage];
      const length = Number(res.headers['content-length']);
      res.pause();
      res.on('error', () => undefined);
      await new Promise((r) => setTimeout(r, 300));
      expect(length).toBeGreaterThan(20_000_000);
      expect(answer!.writableLength).toBeLessThan(length / 20);
      req.destroy();
      await once(answer!, 'close');
    } finally {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    }
  });
});
