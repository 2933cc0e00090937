import { useFaces } from '../facade/face-support.js';
import { useCloud, STAFF } from '../cloud-support.js';

const at = (id: string, request = ''): string =>
  `/compute/v2.1/servers/${id}/os-instance-actions${request && `/${request}`}`;
interface Listed {
  instanceActions: { action: string; request_id: string; updated_at?: string }[];
  links?: { rel: string; href: string }[];
}

describe('what was done to a server', () => {
  const cloud = useCloud();
  const face = useFaces(cloud.service);
  const rebooted = async () => {
    const server = await cloud.build();
    for (const action of ['stop', 'start']) {
      await cloud.service.user.post(`/api/openstack/instances/${server}/${action}`, {}).expect(200);
      await cloud.work();
    }
    return server;
  };
  const list = async (path: string, version?: string): Promise<Listed> =>
    (await face.user.get(path, version).expect(200)).body as Listed;

  it('200: newest first, one of them with its event', async () => {
    const server = await rebooted();
    const { instanceActions: found } = await list(at(server));
    expect(found.map(({ action }) => action)).toEqual(['start', 'stop', 'create']);
    expect(found[0]).toEqual({
      action: 'start',
      instance_uuid: server,
      request_id: expect.stringMatching(/^req-/) as string,
      user_id: expect.any(String) as string,
      project_id: face.project,
      start_time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$/) as string,
      message: null,
    });
    // Staff made it: end users do not see who.
    expect(found[2]).toMatchObject({ user_id: null });
    const request = found[0]?.request_id;
    const { body: old } = await face.user.get(at(server, request)).expect(200);
    expect((old as { instanceAction: object }).instanceAction).toEqual(found[0]);
    const { body } = await face.user.get(at(server, request), 'compute 2.62').expect(200);
    expect(body).toMatchObject({
      instanceAction: { action: 'start', events: [{ event: 'compute_start', result: 'Success', hostId: '' }] },
    });
    const { body: staff } = await face.staff.get(at(server, request)).expect(200);
    expect(staff).toMatchObject({ instanceAction: { events: [{ traceback: null }] } });
  });
  it('200: pages by marker, from 2.58 on', async () => {
    const server = await rebooted();
    const v = 'compute 2.66';
    const first = await list(`${at(server)}?limit=2`, v);
    expect(first.instanceActions.map(({ action }) => action)).toEqual(['start', 'stop']);
    const next = first.links?.[0];
    expect(next?.rel).toBe('next');
    const second = await list(String(next?.href).replace('http://cloud.test', ''), v);
    expect(second.instanceActions.map(({ action }) => action)).toEqual(['create']);
    expect(second.links).toBeUndefined();
    await face.user.get(`${at(server)}?marker=req-nothing`, v).expect(400);
    await face.user.get(`${at(server)}?limit=x`, v).expect(400);
    await face.user.get(`${at(server)}?changes-since=yesterday`, v).expect(400);
    await face.user.get(`${at(server)}?colour=red`, 'compute 2.75').expect(400);
    expect((await list(`${at(server)}?limit=1`)).instanceActions).toHaveLength(3);
  });
  it('200: changed since and before', async () => {
    const server = await rebooted();
    const all = await list(at(server), 'compute 2.66');
    const last = String(all.instanceActions[0]?.updated_at);
    expect((await list(`${at(server)}?changes-since=${last}`, 'compute 2.66')).instanceActions).toHaveLength(1);
    expect((await list(`${at(server)}?changes-before=${last}Z`, 'compute 2.66')).instanceActions).toHaveLength(3);
    expect((await list(`${at(server)}?changes-since=2999-01-01`, 'compute 2.66')).instanceActions).toHaveLength(0);
    expect((await list(`${at(server)}?changes-since=2999-01-01`)).instanceActions).toHaveLength(3);
  });
  it('404: of a deleted server only from 2.21 on; of a stranger never', async () => {
    const server = await rebooted();
    await face.stranger.get(at(server), 'compute 2.66').expect(404);
    await face.homeless.get(at(server), 'compute 2.66').expect(404);
    await face.user.get(at(server, 'req-nothing')).expect(404);
    await face.user.get(at('vm1'), 'compute 2.66').expect(404);
    await cloud.service.staff.delete(`${STAFF}/${server}`).expect(200);
    await cloud.work();
    await face.user.get(at(server)).expect(404);
    expect((await list(at(server), 'compute 2.21')).instanceActions[0]).toMatchObject({ action: 'delete' });
    await face.stranger.get(at(server), 'compute 2.21').expect(404);
  });
});
