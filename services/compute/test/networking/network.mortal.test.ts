import { sql } from '@nefos/service-kit';
import { runInterface } from '../../src/instances/domain/run-interface.js';
import { syncThing } from '../../src/networking/domain/sync.js';
import type { NetworkKind } from '../../src/ports/driver-networks.js';
import { Died, mortal } from '../operations/mortal.js';
import { BASE, NETWORK, OWN, unique, useNet } from './network-support.js';

const MANY = 30;

describe('a process that dies while it changes the network', () => {
  const net = useNet();
  const { service } = net;
  /** Lets `work` die at each of its steps; what is left goes on as after a restart. */
  const dyingAtEach = async (
    begin: () => Promise<{ work: (ctx: typeof service.ctx) => Promise<void>; check: () => Promise<void> }>,
  ): Promise<number> => {
    let deaths = 0;
    for (const when of ['before', 'after'] as const)
      for (let n = 1; n < MANY; n += 1) {
        const { work, check } = await begin();
        await sql(service.db, 'delete from graphile_worker._private_jobs');
        const one = mortal(service.ctx, n, when);
        await work(one.ctx).catch((err: unknown) => {
          if (!(err instanceof Died)) throw err;
        });
        await sql(service.db, `update operation set next_check_at = now() where status in ('pending', 'running')`);
        await sql(service.db, `update network_sync set next_check_at = now() where next_check_at is not null`);
        await service.sweep('instances.stuck');
        await service.sweep('network.stuck');
        await net.work();
        await check();
        if (!one.died()) break;
        deaths += 1;
      }
    return deaths;
  };
  const machine = async (id: string): Promise<number> =>
    (
      await sql<{ n: number }>(
        service.db,
        'select jsonb_array_length(addresses)::int n from sim_machine where portal_id = $1',
        [id],
      )
    )[0]?.n ?? 0;

  it('add_port and remove_port: once, and nothing is left behind', async () => {
    const { network } = await net.shared('10.50.0.0/24');
    const id = await net.build();
    let portId = '';
    const ask = async (action: string, body: object, addresses: number) => {
      const res = await net.act(id, action, body).expect(200);
      portId = String(res.headers['x-port-id'] ?? portId);
      const operation = String(res.headers['x-operation-id']);
      return {
        work: (ctx: typeof service.ctx) => runInterface(ctx, operation),
        check: async () => {
          expect((await net.read<{ status: string }>(service.staff, `/staffapi/operations/${operation}`)).status).toBe(
            'completed',
          );
          expect(await machine(id)).toBe(addresses);
          expect(Object.values((await net.detail(id)).addresses).flat()).toHaveLength(addresses);
        },
      };
    };
    let attached = false;
    const deaths = await dyingAtEach(async () => {
      // Each second round begins anew.
      if (attached) {
        await net.act(id, 'remove_port', { port: portId }).expect(200);
        await net.work();
      }
      attached = true;
      return ask('add_port', { network }, 2);
    });
    expect(deaths).toBeGreaterThan(3);
    const more = await dyingAtEach(async () => {
      if (!attached) {
        const res = await net.act(id, 'add_port', { network }).expect(200);
        portId = String(res.headers['x-port-id']);
        await net.work();
      }
      attached = false;
      return ask('remove_port', { port: portId }, 1);
    });
    expect(more).toBeGreaterThan(3);
    expect(await sql(service.db, 'select from network_address where network_id = $1', [network])).toEqual([]);
  });
  it('a port, a floating IP, a group: told to the region, and removed there', async () => {
    const outside = await net.external();
    await sql(service.db, `update project set quota_limits = '{"security_group":-1,"security_group_rule":-1}'`);
    const things: [NetworkKind, string, object][] = [
      ['port', 'ports', { network_id: NETWORK }],
      ['floating_ip', 'floatingips', { floating_network_id: outside }],
      ['security_group', 'securitygroups', { region: 'Region1', name: unique('mortal') }],
    ];
    for (const [kind, path, body] of things) {
      const there = async (id: string): Promise<number> =>
        (await sql(service.db, 'select from sim_network_thing where kind = $1 and portal_id = $2', [kind, id])).length;
      const made: string[] = [];
      const deaths = await dyingAtEach(async () => {
        const { id } = await net.made(service.user, `${OWN}/${path}`, body);
        made.push(id);
        return {
          work: (ctx) => syncThing(ctx, kind, id),
          check: async () => {
            expect([kind, await there(id)]).toEqual([kind, 1]);
            expect(await net.read<object>(service.staff, `${BASE}/${path}/${id}`)).toMatchObject({ fault: null });
          },
        };
      });
      expect(deaths).toBeGreaterThan(3);
      await dyingAtEach(async () => {
        const id = made.pop() ?? (await net.made(service.user, `${OWN}/${path}`, body)).id;
        await net.work();
        await service.user.delete(`${OWN}/${path}/${id}`).expect(204);
        return {
          work: (ctx) => syncThing(ctx, kind, id),
          check: async () => expect([kind, await there(id)]).toEqual([kind, 0]),
        };
      });
    }
  });
});
