import { randomUUID } from 'node:crypto';
import { sql } from '@nefos/service-kit';
import { useCloud } from '../cloud-support.js';
import { useFaces, type FaceAs } from '../facade/face-support.js';

const AT = '/compute/v2.1/os-simple-tenant-usage';
const PERIOD = 'start=2026-01-10T00:00:00&end=2026-01-11T00:00:00';
interface Usage {
  tenant_id: string;
  total_hours: number;
  total_vcpus_usage: number;
  server_usages?: { instance_id: string; hours: number; state: string }[];
}
interface Links {
  href: string;
}
const local = (links: Links[] | undefined): string | undefined => links?.[0]?.href.replace('http://cloud.test', '');

describe('pages of usage', () => {
  const cloud = useCloud();
  const { service } = cloud;
  const face = useFaces(service);
  /** Two of the one client, which ran 2 and 4 hours, and one of the other client, which ran 8. */
  const ids: string[] = [];
  beforeAll(async () => {
    for (const [client, hours] of [
      [service.ownClient, 2],
      [service.ownClient, 4],
      [service.otherClient, 8],
    ] as const) {
      const id = await cloud.build({}, client);
      await sql(
        service.db,
        `update instance set launched_at = '2026-01-10T00:00:00Z',
          terminated_at = '2026-01-10T00:00:00Z'::timestamptz + make_interval(hours => $2) where id = $1`,
        [id, hours],
      );
      ids.push(id);
    }
  });
  const list = async (query = '', version?: string, as: FaceAs = face.staff) =>
    (await as.get(`${AT}?${PERIOD}${query}`, version).expect(200)).body as {
      tenant_usages: Usage[];
      tenant_usages_links?: Links[];
    };
  const servers = (usages: Usage[]): string[] =>
    usages.flatMap((one) => one.server_usages ?? []).map((one) => one.instance_id);

  it('200: below 2.40 everything at once', async () => {
    const { tenant_usages: usages } = await list('&detailed=1');
    expect(usages.map((one) => [one.tenant_id, one.total_hours]).sort()).toEqual(
      [
        [face.project, 6],
        [face.otherProject, 8],
      ].sort(),
    );
    expect(servers(usages).sort()).toEqual([...ids].sort());
    expect(usages.every((one) => one.server_usages?.every(({ state }) => state === 'terminated'))).toBe(true);
    expect((await list('&limit=1')).tenant_usages).toHaveLength(2);
  });
  it('200: from 2.40 a page is one of servers, sums are those of the page', async () => {
    const seen: Usage[] = [];
    let path: string | undefined = `${AT}?${PERIOD}&detailed=1&limit=1`;
    for (let pages = 0; path !== undefined && pages < 5; pages += 1) {
      const { body } = await face.staff.get(path, 'compute 2.40').expect(200);
      const page = body as { tenant_usages: Usage[]; tenant_usages_links?: Links[] };
      expect(page.tenant_usages).toHaveLength(1);
      seen.push(...page.tenant_usages);
      path = local(page.tenant_usages_links);
    }
    expect(servers(seen).sort()).toEqual([...ids].sort());
    expect(seen.map((one) => one.total_hours).sort()).toEqual([2, 4, 8]);
  });
  it('200: the loop of `usage list`, which names the last server, comes to an end', async () => {
    const sums: Record<string, number> = {};
    let marker: string | undefined;
    let rounds = 0;
    do {
      const { tenant_usages: usages } = await list(
        `&detailed=1${marker === undefined ? '' : `&marker=${marker}`}`,
        'compute 2.40',
      );
      for (const one of usages) sums[one.tenant_id] = (sums[one.tenant_id] ?? 0) + one.total_hours;
      marker = usages.at(-1)?.server_usages?.at(-1)?.instance_id;
      rounds += 1;
    } while (marker !== undefined && rounds < 5);
    expect(rounds).toBe(2);
    expect(sums).toEqual({ [face.project]: 6, [face.otherProject]: 8 });
  });
  it('200: pages of one project, behind which nothing of another comes', async () => {
    const { body } = await face.user.get(`${AT}/${face.project}?${PERIOD}&limit=1`, 'compute 2.40').expect(200);
    const first = body as { tenant_usage: Usage; tenant_usage_links?: Links[] };
    const next = await face.user.get(local(first.tenant_usage_links) as string, 'compute 2.40').expect(200);
    const second = next.body as typeof first;
    expect(first.tenant_usage.total_hours + second.tenant_usage.total_hours).toBe(6);
    expect(second.tenant_usage_links).toBeUndefined();
    expect([...servers([first.tenant_usage]), ...servers([second.tenant_usage])].sort()).toEqual(
      ids.slice(0, 2).sort(),
    );
  });
  it('400: a marker that names no server, and of one project one of another', async () => {
    for (const marker of ['x', randomUUID(), face.project])
      await face.staff.get(`${AT}?${PERIOD}&marker=${marker}`, 'compute 2.40').expect(400);
    await face.user.get(`${AT}/${face.project}?${PERIOD}&marker=${ids[2]}`, 'compute 2.40').expect(400);
  });
  it('200: what is still to come is not counted', async () => {
    const { body } = await face.staff.get(`${AT}?start=2026-01-10T00:00:00&end=2999-01-01T00:00:00`).expect(200);
    const [usage] = (body as { tenant_usages: { stop: string }[] }).tenant_usages;
    expect(Date.parse(`${usage?.stop.slice(0, 19)}Z`)).toBeLessThanOrEqual(Date.now() + 86_400_000);
  });
  it('400: unknown names in the query, from 2.75 on', async () => {
    await face.staff.get(`${AT}?${PERIOD}&nonsense=1`).expect(200);
    await face.staff.get(`${AT}?${PERIOD}&nonsense=1`, 'compute 2.75').expect(400);
    await face.user.get(`${AT}/${face.project}?${PERIOD}&detailed=1`, 'compute 2.75').expect(400);
  });
});
