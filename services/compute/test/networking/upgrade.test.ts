import { sql } from '@nefos/service-kit';
import { NETWORK, OWN, useNet } from './network-support.js';

const MIGRATION = 'KnownGroups1764760000000';

describe('the upgrade to known groups', () => {
  const net = useNet();
  const { service } = net;
  /** Takes the migration, and those after it, away; makes the rows of before; and carries it out. */
  const upgrade = async (before: () => Promise<unknown>): Promise<void> => {
    const has = async () => (await sql(service.db, 'select from migrations where name = $1', [MIGRATION])).length > 0;
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
    await upgrade(async () => {
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
});
