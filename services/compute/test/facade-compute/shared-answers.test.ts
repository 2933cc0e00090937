import { FLAVOR, IMAGE, NETWORK, useCloud } from '../cloud-support.js';
import { useFaces, type FaceAs } from '../facade/face-support.js';

const SERVERS = '/compute/v2.1/servers';
type Shown = Record<string, unknown>;

describe('equal questions at the same time, which are answered together', () => {
  const cloud = useCloud();
  const face = useFaces(cloud.service);
  const make = async (as: FaceAs, name: string): Promise<string> => {
    const body = { server: { name, imageRef: IMAGE, flavorRef: FLAVOR, networks: [{ uuid: NETWORK }] } };
    const made = await as.post(SERVERS, body).expect(202);
    await cloud.work();
    return (made.body as { server: { id: string } }).server.id;
  };
  let own: string;
  let other: string;
  beforeAll(async () => {
    own = await make(face.user, 'own');
    other = await make(face.stranger, 'other');
  });
  const list = async (as: FaceAs, path = '/detail', version?: string): Promise<Shown[]> =>
    ((await as.get(SERVERS + path, version).expect(200)).body as { servers: Shown[] }).servers;
  const ids = (servers: readonly Shown[]) => servers.map(({ id }) => id).sort();

  it('200: everybody gets their own list, and those who ask alike get the same', async () => {
    const [first, second, reader, stranger, staff] = await Promise.all([
      list(face.user),
      list(face.user),
      list(face.reader),
      list(face.stranger),
      list(face.staff, '/detail?all_tenants=1'),
    ]);
    expect(first).toEqual(second);
    expect(ids(first)).toEqual([own]);
    expect(ids(reader)).toEqual([own]);
    expect(ids(stranger)).toEqual([other]);
    expect(ids(staff)).toEqual([own, other].sort());
    expect(first[0]).not.toHaveProperty('OS-EXT-SRV-ATTR:host');
    expect(staff[0]).toHaveProperty('OS-EXT-SRV-ATTR:host');
  });
  it('200: each gets the microversion and the filter that it asked for', async () => {
    const [old, fresh, named, none] = await Promise.all([
      list(face.user),
      list(face.user, '/detail', 'compute 2.90'),
      list(face.user, '/detail?name=own'),
      list(face.user, '/detail?name=absent'),
    ]);
    expect(old[0]).not.toHaveProperty('locked');
    expect(fresh[0]).toHaveProperty('locked', false);
    expect(ids(named)).toEqual([own]);
    expect(none).toEqual([]);
  });
  it("404: a stranger who asks together with the owner does not see the owner's server", async () => {
    const asked = await Promise.all(
      [face.user, face.stranger, face.user, face.stranger].map((as) => as.get(`${SERVERS}/${own}`)),
    );
    expect(asked.map(({ status }) => status)).toEqual([200, 404, 200, 404]);
  });
  it('200: servers that are looked up at the same time are not taken for each other', async () => {
    const second = await make(face.user, 'second');
    const asked = await Promise.all([own, second, own].map((id) => face.user.get(`${SERVERS}/${id}`)));
    expect(asked.map(({ body }) => (body as { server: Shown }).server.name)).toEqual(['own', 'second', 'own']);
    await face.user.delete(`${SERVERS}/${second}`).expect(204);
    await cloud.work();
  });
  it('200: what was changed is seen by who asks afterwards, also while others ask', async () => {
    for (let n = 0; n < 5; n += 1) {
      const others = [list(face.user), list(face.user)];
      await face.user.put(`${SERVERS}/${own}`, { server: { name: `own-${n}` } }).expect(200);
      const [shown, one] = await Promise.all([list(face.user), face.user.get(`${SERVERS}/${own}`)]);
      expect(shown[0]).toHaveProperty('name', `own-${n}`);
      expect((one.body as { server: Shown }).server.name).toBe(`own-${n}`);
      await Promise.all(others);
    }
  });
  it('400: a filter that is no expression is refused to all who sent it', async () => {
    const asked = await Promise.all([1, 2, 3].map(() => face.user.get(`${SERVERS}/detail?name=(`)));
    expect(asked.map(({ status }) => status)).toEqual([400, 400, 400]);
  });
  it('200: HEAD beside GET has the same length and no body', async () => {
    const [got, head] = await Promise.all([face.user.get(`${SERVERS}/${own}`), face.user.head(`${SERVERS}/${own}`)]);
    expect(head.headers['content-length']).toBe(got.headers['content-length']);
    expect(head.text).toBeFalsy();
  });
});
