import { sql } from '@nefos/service-kit';
import { FLAVOR, IMAGE, NETWORK, useCloud } from '../cloud-support.js';
import { useFaces } from './face-support.js';

const V = '/compute/v2.1';
/** One request of a trace: what is sent at which version, and the status that the command goes on with. */
type Step = readonly [
  method: 'get' | 'post' | 'delete',
  path: string,
  status: number,
  body?: object | undefined,
  minor?: number,
];

/** The requests that the command line client 6.0.0 sends after authentication (contract compute §12.7). */
describe('traces of the openstack client', () => {
  const cloud = useCloud();
  const { service } = cloud;
  const face = useFaces(service);
  let [image, network] = ['', ''];
  beforeAll(async () => {
    const nameOf = async (table: string, id: string): Promise<string> =>
      (await sql<{ name: string }>(service.db, `select name from ${table} where id = $1`, [id]))[0]?.name ?? '';
    [image, network] = [await nameOf('image', IMAGE), await nameOf('network', NETWORK)];
  });
  const go = async ([method, path, status, body, minor]: Step): Promise<unknown> => {
    const version = minor === undefined ? undefined : `compute 2.${minor}`;
    const as = ['/image', '/image/', '/network/', V].includes(path) ? face.nobody : face.user;
    const answer = await (method === 'post' ? as.post(path, body, version) : as[method](path, version));
    expect({ method, path, status: answer.status, text: answer.text }).toMatchObject({ method, path, status });
    return answer.body;
  };
  const walk = async (steps: readonly Step[]): Promise<unknown> => {
    let last: unknown;
    for (const step of steps) last = await go(step);
    return last;
  };
  const flavor = async (): Promise<string> =>
    ((await go(['get', `${V}/flavors/${FLAVOR}`, 200])) as { flavor: { name: string } }).flavor.name;
  const named = async (name: string): Promise<string> => {
    const id = await cloud.build();
    await sql(service.db, 'update instance set name = $2 where id = $1', [id, name]);
    return id;
  };
  /** How each command finds a server: by id, then by name. */
  const lookUp = async (name: string): Promise<string> => {
    const found = (await walk([
      ['get', V, 200],
      ['get', `${V}/servers/${name}`, 404],
      ['get', `${V}/servers?name=${name}`, 200],
    ])) as { servers: { id: string; name: string }[] };
    const exact = found.servers.filter((one) => one.name === name);
    expect(exact).toHaveLength(1);
    await go(['get', `${V}/servers/${exact[0]?.id}`, 200]);
    return exact[0]?.id ?? '';
  };

  it('`flavor list`', async () => {
    const { flavors } = (await walk([
      ['get', V, 200],
      ['get', `${V}/flavors/detail?is_public=True`, 200, undefined, 61],
    ])) as { flavors: { id: string }[] };
    expect(flavors.map(({ id }) => id)).toContain(FLAVOR);
    for (const { id } of flavors) await go(['get', `${V}/flavors/${id}/os-extra_specs`, 200, undefined, 61]);
  });
  it('`image list`, `network list`', async () => {
    expect(
      await walk([
        ['get', '/image', 300],
        ['get', '/image/v2/images', 200],
      ]),
    ).toMatchObject({ images: [{ id: IMAGE }] });
    const { networks } = (await go(['get', '/network/v2.0/networks', 200])) as { networks: { id: string }[] };
    expect(networks.map(({ id }) => id)).toContain(NETWORK);
  });
  it('`server create` with names', async () => {
    const flavorName = await flavor();
    const found = (await walk([
      ['get', '/image', 300],
      ['get', `/image/v2/images/${image}`, 404],
      ['get', `/image/v2/images?name=${image}`, 200],
      ['get', `${V}/flavors/${flavorName}`, 404],
      ['get', `${V}/flavors`, 200],
      ['get', `${V}/flavors/${FLAVOR}`, 200],
      ['get', `/network/v2.0/networks/${network}`, 404],
      ['get', `/network/v2.0/networks?name=${network}`, 200],
    ])) as { networks: { id: string }[] };
    const server = { name: 'made', imageRef: IMAGE, flavorRef: FLAVOR, min_count: 1, max_count: 1 };
    const made = (await go([
      'post',
      `${V}/servers`,
      202,
      { server: { ...server, networks: [{ uuid: found.networks[0]?.id }] } },
    ])) as { server: { id: string } };
    await walk([
      ['get', `${V}/servers/${made.server.id}`, 200],
      ['get', `/image/v2/images/${IMAGE}`, 200],
      ['get', `${V}/flavors/${FLAVOR}`, 200],
    ]);
  });
  it('`server list`, of both kinds of clients', async () => {
    const id = await named('listed');
    const older = (await go(['get', `${V}/servers/detail`, 200])) as { servers: { id: string }[] };
    expect(older.servers.map((one) => one.id)).toContain(id);
    await walk([
      ['get', '/image/v2/images', 200],
      ['get', `${V}/flavors/detail?is_public=None`, 200],
    ]);
    const newer = (await go(['get', `${V}/servers/detail?deleted=False`, 200, undefined, 90])) as typeof older;
    expect(newer.servers.map((one) => one.id)).toContain(id);
    expect(await go(['get', `/image/v2/images?id=in:${IMAGE}`, 200])).toMatchObject({ images: [{ id: IMAGE }] });
  });
  it('`server show`', async () => {
    const id = await named('shown');
    expect(await lookUp('shown')).toBe(id);
    await walk([
      ['get', `/image/v2/images/${IMAGE}`, 200],
      ['get', `${V}/flavors/${FLAVOR}`, 200],
    ]);
  });
  it('`server stop`, `server start`: the sentence of a 409 is what is printed', async () => {
    const id = await named('switched');
    const action = `${V}/servers/${await lookUp('switched')}/action`;
    await go(['post', action, 202, { 'os-stop': null }]);
    await cloud.work();
    expect(await go(['post', action, 409, { 'os-stop': null }])).toEqual({
      conflictingRequest: { code: 409, message: `Cannot 'stop' instance ${id} while it is in vm_state stopped` },
    });
    await go(['post', action, 202, { 'os-start': null }]);
  });
  it('`server reboot`, soft and hard', async () => {
    await named('again');
    const action = `${V}/servers/${await lookUp('again')}/action`;
    for (const type of ['SOFT', 'HARD']) {
      await go(['post', action, 202, { reboot: { type } }]);
      await cloud.work();
    }
  });
  it('`server delete --wait`', async () => {
    await named('gone');
    const path = `${V}/servers/${await lookUp('gone')}`;
    await walk([
      ['delete', path, 204],
      ['get', path, 200],
    ]);
    await cloud.work();
    await go(['get', path, 404]);
  });
  it('`console url show`', async () => {
    await named('seen');
    const path = `${V}/servers/${await lookUp('seen')}/remote-consoles`;
    const body = { remote_console: { protocol: 'vnc', type: 'novnc' } };
    expect(await go(['post', path, 200, body, 8])).toMatchObject({
      remote_console: { url: expect.stringMatching(/^http/) as string },
    });
  });
  it('`server image create`', async () => {
    await named('taken');
    const action = `${V}/servers/${await lookUp('taken')}/action`;
    const made = (await go(['post', action, 202, { createImage: { name: 'shot', metadata: {} } }, 45])) as {
      image_id: string;
    };
    const status = async (): Promise<unknown> =>
      ((await go(['get', `/image/v2/images/${made.image_id}`, 200])) as { status: string }).status;
    expect(['queued', 'saving']).toContain(await status());
    await cloud.work();
    expect(await status()).toBe('active');
  });
});
