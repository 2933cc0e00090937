import { useCloud } from '../cloud-support.js';
import { useFaces } from '../facade/face-support.js';

const V = '/compute/v2.1';
const message = (body: unknown): string =>
  (Object.values(body as Record<string, { message: string }>)[0] as { message: string }).message;

describe('what is not there, or only named', () => {
  const { service } = useCloud();
  const face = useFaces(service);
  it('200: quota classes are the defaults; 403, 501 to change them', async () => {
    const at = `${V}/os-quota-class-sets/default`;
    expect((await face.staff.get(at).expect(200)).body).toMatchObject({
      quota_class_set: { id: 'default', instances: 10, cores: 20, ram: 51_200, floating_ips: 50 },
    });
    expect((await face.staff.get(at, 'compute 2.57').expect(200)).body).not.toHaveProperty(
      'quota_class_set.floating_ips',
    );
    await face.user.get(at).expect(403);
    await face.user.put(at, { quota_class_set: { cores: 1 } }).expect(403);
    await face.staff.put(at, { quota_class_set: { cores: 1 } }).expect(501);
  });
  it('501: a server group; 404: one by its id', async () => {
    const made = await face.user
      .post(`${V}/os-server-groups`, { server_group: { name: 'g', policies: ['affinity'] } })
      .expect(501);
    expect(message(made.body)).toMatch(/server groups/i);
    for (const call of [face.user.get(`${V}/os-server-groups/x`), face.user.delete(`${V}/os-server-groups/x`)])
      expect(message((await call.expect(404)).body)).toBe('Instance group x could not be found.');
  });
  it('200, 404: hosts below 2.43, services by host, hypervisors by name below 2.53', async () => {
    await service.sweep('catalog.stock');
    const { hosts } = (await face.staff.get(`${V}/os-hosts`).expect(200)).body as {
      hosts: { host_name: string; service: string; zone: string }[];
    };
    expect(hosts[0]).toEqual({ host_name: expect.any(String) as string, service: 'compute', zone: 'Region1' });
    const host = hosts[0]?.host_name ?? '';
    expect((await face.staff.get(`${V}/os-hosts?zone=nowhere`).expect(200)).body).toEqual({ hosts: [] });
    expect((await face.staff.get(`${V}/os-hosts/${host}`).expect(200)).body).toMatchObject({
      host: [{ resource: { host, project: '(total)', cpu: expect.any(Number) as number } }, {}],
    });
    await face.staff.get(`${V}/os-hosts/nothing`).expect(404);
    await face.staff.get(`${V}/os-hosts`, 'compute 2.43').expect(404);
    await face.user.get(`${V}/os-hosts`).expect(403);
    const services = async (query: string) =>
      ((await face.staff.get(`${V}/os-services?${query}`).expect(200)).body as { services: object[] }).services;
    expect(await services(`host=${host}`)).toHaveLength(1);
    expect(await services('host=nothing')).toEqual([]);
    expect(await services('binary=nova-scheduler')).toEqual([]);
    expect((await face.staff.get(`${V}/os-hypervisors/${host}/search`).expect(200)).body).toMatchObject({
      hypervisors: [{ hypervisor_hostname: host }],
    });
    await face.staff.get(`${V}/os-hypervisors/nothing/search`).expect(404);
    await face.staff.get(`${V}/os-hypervisors/${host}/search`, 'compute 2.53').expect(404);
  });
  it('400: unknown names in queries, from 2.75 on; of hypervisors from 2.53 on', async () => {
    for (const path of ['limits', `os-quota-sets/${face.project}`, 'os-services', 'os-server-groups']) {
      await face.staff.get(`${V}/${path}?nonsense=1`).expect(200);
      await face.staff.get(`${V}/${path}?nonsense=1`, 'compute 2.75').expect(400);
    }
    await face.staff.get(`${V}/os-hypervisors?nonsense=1`, 'compute 2.52').expect(200);
    await face.staff.get(`${V}/os-hypervisors?nonsense=1`, 'compute 2.53').expect(400);
  });
});
