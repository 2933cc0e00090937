import { useFaces } from '../facade/face-support.js';
import { useStorage } from '../volumes/volume-support.js';

const at = (id: string, volume?: string): string =>
  `/compute/v2.1/servers/${id}/os-volume_attachments${volume === undefined ? '' : `/${volume}`}`;
const NOBODY = '5d0f1c2e-7a41-4b53-9c0d-2f6a1be4a009';

describe('volumes of a server', () => {
  const storage = useStorage();
  const face = useFaces(storage.service);
  const body = (volumeId: string, more: object = {}) => ({ volumeAttachment: { volumeId, ...more } });
  const attached = async () => {
    const [server, volume] = [await storage.build(), await storage.volume()];
    await face.user.post(at(server), body(volume)).expect(200);
    await storage.work();
    return { server, volume };
  };

  it('200: a volume is attached, shown and detached', async () => {
    const [server, volume] = [await storage.build(), await storage.volume()];
    const { body: made } = await face.user.post(at(server), body(volume)).expect(200);
    expect(made).toEqual({ volumeAttachment: { id: volume, serverId: server, volumeId: volume, device: null } });
    await storage.work();
    const one = {
      id: volume,
      serverId: server,
      volumeId: volume,
      device: expect.stringMatching(/^\/dev\/vd/) as string,
    };
    expect((await face.user.get(at(server)).expect(200)).body).toEqual({ volumeAttachments: [one] });
    expect((await face.user.get(at(server, volume)).expect(200)).body).toEqual({ volumeAttachment: one });
    expect((await face.user.delete(at(server, volume)).expect(202)).text).toBe('');
    await storage.work();
    expect((await face.user.get(at(server)).expect(200)).body).toEqual({ volumeAttachments: [] });
  });
  it('200: what each microversion shows', async () => {
    const { server, volume } = await attached();
    const keys = async (version: string) =>
      Object.keys(
        ((await face.user.get(at(server, volume), version).expect(200)).body as { volumeAttachment: object })
          .volumeAttachment,
      ).sort();
    expect(await keys('compute 2.70')).toEqual(['device', 'id', 'serverId', 'tag', 'volumeId']);
    expect(await keys('compute 2.79')).toEqual([
      'delete_on_termination',
      'device',
      'id',
      'serverId',
      'tag',
      'volumeId',
    ]);
    expect(await keys('compute 2.89')).toEqual(
      ['attachment_id', 'bdm_uuid', 'delete_on_termination', 'device', 'serverId', 'tag', 'volumeId'].sort(),
    );
  });
  it('200: limit and offset', async () => {
    const { server } = await attached();
    expect((await face.user.get(`${at(server)}?limit=0`)).body).toEqual({ volumeAttachments: [] });
    expect((await face.user.get(`${at(server)}?offset=1`)).body).toEqual({ volumeAttachments: [] });
    await face.user.get(`${at(server)}?limit=-1`).expect(400);
    await face.user.get(`${at(server)}?colour=red`).expect(200);
    await face.user.get(`${at(server)}?colour=red`, 'compute 2.75').expect(400);
  });
  it('202: whether it goes with the server is changed from 2.85 on', async () => {
    const { server, volume } = await attached();
    const change = body(volume, { delete_on_termination: true });
    await face.user.put(at(server, volume), change, 'compute 2.84').expect(400);
    await face.user.put(at(server, volume), change, 'compute 2.85').expect(202);
    const { body: shown } = await face.user.get(at(server, volume), 'compute 2.85').expect(200);
    expect(shown).toMatchObject({ volumeAttachment: { delete_on_termination: true } });
    await face.user.put(at(server, volume), body(NOBODY), 'compute 2.85').expect(409);
    const { body: read } = await face.user.get(at(server, volume), 'compute 2.85').expect(200);
    const { tag: _none, ...same } = (read as { volumeAttachment: { tag: null } }).volumeAttachment;
    await face.user.put(at(server, volume), { volumeAttachment: same }, 'compute 2.85').expect(202);
    for (const other of [{ id: NOBODY }, { serverId: NOBODY }, { device: '/dev/vdz' }, { tag: 'a' }]) {
      const put = face.user.put(at(server, volume), body(volume, other), 'compute 2.85');
      expect((await put.expect(400)).body).toEqual({
        badRequest: { code: 400, message: `The ${Object.keys(other)[0]} property is not mutable` },
      });
    }
  });
  it('404: a stranger sees neither server nor volume', async () => {
    const { server, volume } = await attached();
    const { body: refused } = await face.stranger.get(at(server)).expect(404);
    expect(refused).toEqual({ itemNotFound: { code: 404, message: `Instance ${server} could not be found.` } });
    await face.stranger.get(at(server, volume)).expect(404);
    await face.stranger.delete(at(server, volume)).expect(404);
    const foreign = await storage.volume({}, storage.service.otherClient);
    const { body: absent } = await face.user.post(at(server), body(foreign)).expect(404);
    expect(absent).toEqual({ itemNotFound: { code: 404, message: `Volume ${foreign} could not be found.` } });
  });
  it('404: a volume that the server does not have', async () => {
    const server = await storage.build();
    await face.user.get(at(server, NOBODY)).expect(404);
    await face.user.get(at(server, 'name')).expect(404);
    await face.user.delete(at(server, NOBODY)).expect(404);
    await face.user.get(at('vm1')).expect(404);
  });
  it('409: a volume that another server has, a locked server', async () => {
    const { server, volume } = await attached();
    const another = await storage.build();
    await face.user.post(at(another), body(volume)).expect(409);
    await storage.act(server, 'lock', {}).expect(200);
    await face.user.delete(at(server, volume)).expect(409);
    await face.user.put(at(server, volume), body(volume, { delete_on_termination: true }), 'compute 2.85').expect(409);
  });
  it('400: bodies that are not as they should be', async () => {
    const server = await storage.build();
    for (const wrong of [
      {},
      { volumeAttachment: null },
      body(NOBODY, { colour: 'red' }),
      body(NOBODY, { device: 'x'.repeat(300) }),
      body(NOBODY, { delete_on_termination: true }),
      body(NOBODY, { device: 'a\u0000' }),
    ])
      await face.user.post(at(server), wrong).expect(400);
  });
  it('403: a token that may only read', async () => {
    const { server, volume } = await attached();
    await face.reader.get(at(server)).expect(200);
    await face.reader.delete(at(server, volume)).expect(403);
    await face.reader.post(at(server), body(volume)).expect(403);
  });
});
