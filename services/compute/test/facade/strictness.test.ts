import { useFaces } from './face-support.js';
import { useStorage } from '../volumes/volume-support.js';

const V = '/compute/v2.1';
type Shown = Record<string, unknown>;

/** What clients break on: one test for each row of the table "Strictness of clients" (contract compute §12.3). */
describe('what clients are strict about', () => {
  const storage = useStorage();
  const face = useFaces(storage.service);
  let id = '';
  beforeAll(async () => {
    id = await storage.build();
  });
  const server = async (of: string): Promise<Shown> =>
    ((await face.user.get(`${V}/servers/${of}`).expect(200)).body as { server: Shown }).server;

  it('202, never 200, without a body: actions; 204: a confirmed resize and what is deleted', async () => {
    for (const action of ['pause', 'unpause', 'lock', 'unlock', 'suspend', 'resume']) {
      const { text, status } = await face.user.post(`${V}/servers/${id}/action`, { [action]: null });
      expect({ action, status, text }).toEqual({ action, status: 202, text: '' });
      await storage.work();
    }
    const key = await face.user.post(`${V}/os-keypairs`, { keypair: { name: 'k' } }, 'compute 2.10');
    expect(key.status).toBe(201);
    expect((await face.user.delete(`${V}/os-keypairs/k`, 'compute 2.10')).status).toBe(204);
  });
  it('launched_at has no Z and microseconds, or is null; created and updated have Z and whole seconds', async () => {
    const shown = await server(id);
    expect(shown['OS-SRV-USG:launched_at']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$/);
    expect(shown['OS-SRV-USG:terminated_at']).toBeNull();
    for (const name of ['created', 'updated']) expect(shown[name]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    const [begun] = (
      (
        await face.user
          .post(`${V}/servers`, { server: { name: 'new', imageRef: await imageOf(id), flavorRef: await flavorOf(id) } })
          .expect(202)
      ).body as { server: { id: string } }
    ).server.id.split(' ');
    expect((await server(begun ?? ''))['OS-SRV-USG:launched_at']).toBeNull();
  });
  const imageOf = async (of: string) => ((await server(of)).image as { id: string }).id;
  const flavorOf = async (of: string) => ((await server(of)).flavor as { id: string }).id;
  it('image is an object with id and links, and an empty text where a server has booted from a volume', async () => {
    expect((await server(id)).image).toEqual({
      id: expect.any(String) as string,
      links: [{ rel: 'bookmark', href: expect.stringMatching(/^http/) as string }],
    });
    const device = {
      boot_index: 0,
      uuid: await imageOf(id),
      source_type: 'image',
      destination_type: 'volume',
      volume_size: 20,
    };
    const made = await face.user
      .post(`${V}/servers`, {
        server: { name: 'v', imageRef: '', flavorRef: await flavorOf(id), block_device_mapping_v2: [device] },
      })
      .expect(202);
    expect((await server((made.body as { server: { id: string } }).server.id)).image).toBe('');
  });
  it('addresses go by the name of their network, with version, type and MAC address', async () => {
    const [[name, list] = ['', []]] = Object.entries((await server(id)).addresses as Record<string, Shown[]>);
    const { body } = await face.user.get(`/network/v2.0/networks?name=${name}`).expect(200);
    expect((body as { networks: object[] }).networks).toHaveLength(1);
    expect(list).toEqual([
      {
        version: 4,
        addr: expect.stringMatching(/^\d+\./) as string,
        'OS-EXT-IPS:type': 'fixed',
        'OS-EXT-IPS-MAC:mac_addr': expect.stringMatching(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/) as string,
      },
    ]);
  });
  it('config_drive is an empty text or "True", progress a whole number, values of metadata are texts', async () => {
    const made = await face.user
      .post(`${V}/servers`, {
        server: {
          name: 'd',
          imageRef: await imageOf(id),
          flavorRef: await flavorOf(id),
          config_drive: true,
          metadata: { a: '1' },
        },
      })
      .expect(202);
    const shown = await server((made.body as { server: { id: string } }).server.id);
    expect(shown).toMatchObject({ config_drive: 'True', progress: 0, metadata: { a: '1' } });
    expect(await server(id)).toMatchObject({ config_drive: '', progress: 0, metadata: {} });
  });
  it.each(['/compute', '/compute/v2.1', '/image', '/network', '/network/v2.0', '/volume', '/volume/v3'])(
    '200 or 300 without a token, with a slash at the end and without: %s',
    async (path) => {
      for (const one of [path, `${path}/`]) {
        const { status, body } = await face.nobody.get(one);
        expect({ one, known: [200, 300].includes(status) }).toEqual({ one, known: true });
        expect(Object.keys(body as object)[0]).toMatch(/^(versions?|resources)$/);
      }
    },
  );
  it('an empty Accept, empty and absent arguments are taken', async () => {
    await face.user.get(`${V}/servers/${id}`).set('Accept', '').expect(200);
    const path = `${V}/servers/${id}/action`;
    await face.user.post(path, { 'os-getConsoleOutput': {} }).set('Accept', '').expect(200);
    expect((await face.user.post(path, { rescue: null }).expect(200)).body).toHaveProperty('adminPass');
    await storage.work();
    await face.user.post(path, { unrescue: null }).expect(202);
    await storage.work();
    await face.staff.post(path, { migrate: {} }).expect(202);
  });
  it('lists of versions have ids, of which clients make their paths', async () => {
    const idsOf = async (path: string): Promise<unknown[]> =>
      ((await face.nobody.get(path)).body as { versions: { id: string }[] }).versions.map((one) => one.id);
    expect(await idsOf('/image')).toContain('v2.9');
    expect(await idsOf('/network/')).toEqual(['v2.0']);
    await face.user.get('/image/v2/images').expect(200);
    await face.user.get('/network/v2.0/networks').expect(200);
  });
});
