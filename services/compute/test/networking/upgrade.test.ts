import { sql } from '@nefos/service-kit';
import { NETWORK, OWN, useNet } from './network-support.js';

describe('upgrades of the network', () => {
  const net = useNet();
  const { service } = net;
  /** Takes the migration, and those after it, away; makes the rows of before; and carries it out. */
  const upgrade = async (name: string, before: () => Promise<unknown>): Promise<void> => {
    const has = async () => (await sql(service.db, 'select from migrations where name = $1', [name])).length > 0;
    while (await has()) await service.db.source.undoLastMigration();
    await before();
    await service.db.source.runMigrations();
  };

  it('ports without groups keep those of the hypervisor, floating IPs are due, failed builds lose bare ports', async () => {
    const ports = `${OWN}/ports`;
    const grouped = await net.made(service.user, ports, { network_id: NETWORK });
    const bare = await net.made(service.user, ports, { network_id: NETWORK, security_groups: [] });
    const outside = await net.external('203.0.113.0/28');
    const floating = await net.made(service.user, `${OWN}/floatingips`, { floating_network_id: outside });
    const running = await net.build();
    // It is not built: no job runs any more.
    const { id: failed } = await net.ask({ nics: [NETWORK] });
    await upgrade('KnownGroups1764760000000', async () => {
      await sql(service.db, `delete from metered_resource where kind = 'floating_ip'`);
      await sql(service.db, `update instance set vm_state = 'error', task_state = null where id = $1`, [failed]);
      await sql(
        service.db,
        `delete from network_address a using port p where p.id = a.port_id and p.instance_id = any($1::uuid[])`,
        [[failed, running]],
      );
    });
    const known = async (id: string) =>
      (await sql<{ known: boolean }>(service.db, 'select groups_known known from port where id = $1', [id]))[0]?.known;
    expect([await known(grouped.id), await known(bare.id)]).toEqual([true, false]);
    expect(await sql(service.db, 'select due from metered_resource where resource_id = $1', [floating.id])).toEqual([
      { due: true },
    ]);
    expect(
      await sql(service.db, 'select instance_id id from port where instance_id = any($1::uuid[])', [[failed, running]]),
    ).toEqual([{ id: running }]);
  });

  it('what waited in a queue of the network waits in none, and the queues go; what is locked stays', async () => {
    const ports = `${OWN}/ports`;
    const [waits, runs] = [
      await net.made(service.user, ports, { network_id: NETWORK }),
      await net.made(service.user, ports, { network_id: NETWORK }),
    ];
    const queues = async () =>
      (
        await sql<{ name: string }>(
          service.db,
          `select queue_name name from graphile_worker._private_job_queues where queue_name like any($1) order by 1`,
          [['network:%', 'webhook:%']],
        )
      ).map(({ name }) => name);
    await upgrade('NetworkTurns1764774000000', async () => {
      await sql(
        service.db,
        `insert into graphile_worker._private_job_queues (queue_name, locked_at, locked_by)
        values ('network:aa', null, null), ('network:bb', now(), 'somebody'), ('network:cc', null, null),
          ('webhook:1', null, null)`,
      );
      for (const [id, queue, locked] of [
        [waits.id, 'network:aa', false],
        [runs.id, 'network:bb', true],
      ])
        await sql(
          service.db,
          `update graphile_worker._private_jobs set job_queue_id =
            (select id from graphile_worker._private_job_queues where queue_name = $2),
            locked_at = case when $3 then now() end, locked_by = case when $3 then 'somebody' end where key = $1`,
          [`network:port:${id}`, queue, locked],
        );
    });
    expect(await queues()).toEqual(['network:bb', 'webhook:1']);
    const queued = async (id: string) =>
      sql(service.db, 'select job_queue_id is not null queued from graphile_worker._private_jobs where key = $1', [
        `network:port:${id}`,
      ]);
    expect([await queued(waits.id), await queued(runs.id)]).toEqual([[{ queued: false }], [{ queued: true }]]);
    await sql(service.db, `delete from graphile_worker._private_jobs where locked_by = 'somebody'`);
    await service.work();
    expect(await queued(waits.id)).toEqual([]);
  });
});
