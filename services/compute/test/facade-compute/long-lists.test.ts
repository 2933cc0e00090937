import { sql } from '@nefos/service-kit';
import { useCloud } from '../cloud-support.js';
import { useFaces, type FaceAs } from '../facade/face-support.js';

const V = '/compute/v2.1';

describe('lists that a microversion does not page', () => {
  const { service } = useCloud();
  const face = useFaces(service);
  /** All rows, page by page as the links lead. */
  const all = async (path: string, as: FaceAs): Promise<{ pages: number; rows: Record<string, unknown>[] }> => {
    const rows: Record<string, unknown>[] = [];
    let at = path;
    let pages = 0;
    for (; at && pages < 5; pages += 1) {
      const body = (await as.get(at).expect(200)).body as Record<string, unknown>;
      const key = Object.keys(body).find((one) => !one.endsWith('_links')) ?? '';
      rows.push(...(body[key] as Record<string, unknown>[]));
      const links = (body[`${key}_links`] ?? []) as { rel: string; href: string }[];
      at = links.find(({ rel }) => rel === 'next')?.href.replace('http://cloud.test', '') ?? '';
    }
    return { pages, rows };
  };
  const HOSTS = 1100;
  const withHosts = async (work: () => Promise<void>): Promise<void> => {
    await sql(
      service.db,
      `insert into hypervisor (id, region_id, host_name, type, status, state, vcpus, vcpus_used, memory_mb,
          memory_mb_used, local_gb, local_gb_used, running_vms)
        select gen_random_uuid(), 'Region1', 'many-' || n, 'qemu', 'enabled', 'up', 2, 1, 1024, 512, 10, 5, 1
        from generate_series(1, ${HOSTS}) n`,
    );
    try {
      await work();
    } finally {
      await sql(service.db, "delete from hypervisor where host_name like 'many-%'");
    }
  };
  it.each([
    ['os-hypervisors', 'hypervisor_hostname'],
    ['os-hypervisors?hypervisor_hostname_pattern=many-', 'hypervisor_hostname'],
    ['os-hypervisors/detail', 'hypervisor_hostname'],
    ['os-hypervisors/many-/search', 'hypervisor_hostname'],
    ['os-services', 'host'],
    ['os-hosts', 'host_name'],
  ])('200: %s says where it goes on', (path, name) =>
    withHosts(async () => {
      const { pages, rows } = await all(`${V}/${path}`, face.staff);
      expect(pages).toBe(2);
      expect(new Set(rows.map((one) => String(one[name])).filter((one) => one.startsWith('many-'))).size).toBe(HOSTS);
    }),
  );
  it('200: one host behind the first thousand is found by number, uuid and name; sums are of all', () =>
    withHosts(async () => {
      const { rows } = await all(`${V}/os-hypervisors`, face.staff);
      const last = rows.at(-1) as { id: number; hypervisor_hostname: string };
      expect((await face.staff.get(`${V}/os-hypervisors/${last.id}`).expect(200)).body).toMatchObject({
        hypervisor: { id: last.id, hypervisor_hostname: last.hypervisor_hostname },
      });
      await face.staff.get(`${V}/os-hosts/${last.hypervisor_hostname}`).expect(200);
      const { body } = await face.staff.get(`${V}/os-hypervisors/statistics`).expect(200);
      expect(body).toMatchObject({ hypervisor_statistics: { count: rows.length } });
      for (const id of ['999999999', '-1', 'x']) await face.staff.get(`${V}/os-hypervisors/${id}`).expect(404);
      await face.user.get(`${V}/os-hypervisors/x`).expect(403);
      await face.staff.get(`${V}/os-services?marker=x`).expect(400);
    }));
  it('200: security groups below 2.36, by limit and offset, and beyond the bound', async () => {
    const at = `${V}/os-security-groups`;
    await face.user.post('/network/v2.0/security-groups', { security_group: { name: 'first' } }).expect(201);
    await sql(
      service.db,
      `insert into security_group (id, project_id, region_id, name, description)
        select gen_random_uuid(), $1, 'Region1', 'many-' || n, '' from generate_series(1, 1100) n`,
      [face.project.replaceAll('-', '')],
    );
    const { pages, rows } = await all(at, face.user);
    expect(pages).toBe(2);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
    expect(rows.length).toBeGreaterThan(1100);
    const { body } = await face.user.get(`${at}?limit=2&offset=1`).expect(200);
    expect((body as { security_groups: object[] }).security_groups).toEqual(rows.slice(1, 3));
    await face.user.get(`${at}?offset=x`).expect(400);
    await face.user.get(`${at}?offset=999999999999999999`).expect(200);
    const one = rows.at(-1) as { id: string };
    await face.user.get(`${at}/${one.id}`).expect(200);
  });
});
