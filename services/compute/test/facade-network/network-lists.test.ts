import { sql } from '@nefos/service-kit';
import { useCloud } from '../cloud-support.js';
import { useFaces, type FaceAs } from '../facade/face-support.js';
import { useNetwork, V, type Thing } from './face-network-support.js';

interface Link {
  rel: string;
  href: string;
}
interface Page {
  rows: Thing[];
  links: Link[];
}

describe('lists of the network API', () => {
  const cloud = useCloud();
  const { service } = cloud;
  const face = useFaces(service);
  const nets = useNetwork(service, face);
  const { make, unique } = nets;
  const read = async (path: string, as: FaceAs = face.user): Promise<Page> => {
    const body = (await as.get(path).expect(200)).body as Record<string, unknown>;
    const key = Object.keys(body).find((one) => !one.endsWith('_links')) ?? '';
    return { rows: body[key] as Thing[], links: (body[`${key}_links`] ?? []) as Link[] };
  };
  const to = ({ links }: Page, rel: string): string =>
    links.find((one) => one.rel === rel)?.href.replace('http://cloud.test', '') ?? '';
  const project = (): string => face.project.replaceAll('-', '');

  it('200: without a limit a list that goes on says where', async () => {
    await make('security-groups', { name: unique() });
    const [{ region } = { region: '' }] = await sql<{ region: string }>(
      service.db,
      'select region_id region from security_group limit 1',
    );
    await sql(
      service.db,
      `insert into security_group (id, project_id, region_id, name, description)
      select gen_random_uuid(), $1, $2, 'many-' || n, '' from generate_series(1, 1100) n`,
      [project(), region],
    );
    const [{ count } = { count: 0 }] = await sql<{ count: number }>(
      service.db,
      'select count(*)::int from security_group where project_id = $1',
      [project()],
    );
    const first = await read(`${V}/security-groups`);
    expect(first.rows).toHaveLength(1000);
    const second = await read(to(first, 'next'));
    expect(new Set([...first.rows, ...second.rows].map(({ id }) => id)).size).toBe(count);
    expect(to(second, 'next')).toBe('');
    await sql(service.db, "delete from security_group where name like 'many-%'");
  });
  it('200: read backwards, the ways forth and back are where there is something', async () => {
    const names = ['back-a', 'back-b', 'back-c'];
    for (const name of names) await make('networks', { name });
    const query = `${names.map((name) => `name=${name}`).join('&')}&sort_key=name&sort_dir=asc`;
    const last = await read(`${V}/networks?${query}&limit=2&page_reverse=True`);
    expect(last.rows.map(({ name }) => name)).toEqual(['back-b', 'back-c']);
    expect(to(last, 'next')).toBe('');
    const before = await read(to(last, 'previous'));
    expect(before.rows.map(({ name }) => name)).toEqual(['back-a']);
    expect(to(before, 'previous')).toBe('');
    expect((await read(to(before, 'next'))).rows.map(({ name }) => name)).toEqual(['back-b', 'back-c']);
  });
});
