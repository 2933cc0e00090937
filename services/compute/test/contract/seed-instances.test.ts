import { createBody, FLAVOR, IMAGE, STAFF, useCloud } from '../cloud-support.js';

/** The instance half of the seed's walk (fleio-using-api.txt), with its own bodies. */
describe('seed: create an instance, list, stop, start', () => {
  const cloud = useCloud();
  const ALL_PERMISSIONS = Object.fromEntries(
    [
      'abort-migrate',
      'detach_volume',
      'rename',
      'add_floating_ip',
      'revert-resize',
      'change-password',
      'create_snapshot',
      'suspend',
      'move',
      'create_backup',
      'associate_security_group',
      'rescue',
      'unrescue',
      'remove_floating_ip',
      'stop',
      'migrate',
      'attach-volume',
      'resize',
      'start',
      'boot_from_iso',
      'resume',
      'reboot',
      'create',
      'dissociate_security_group',
      'reset-state',
      'destroy',
      'lock',
      'confirm-resize',
      'unlock',
      'rebuild',
    ].map((name) => [`instances.${name}`, true]),
  );

  it('201, then the documented list, then 200 for stop and start in the documented words', async () => {
    const { service } = cloud;
    const client = service.ownClient;
    const created = await service.staff.post(STAFF, createBody({ client })).expect(201);
    const { id } = created.body as { id: string };
    expect(created.body).toEqual({ detail: 'Instance is being created', id, uuid: id });
    expect(created.headers['x-operation-id']).toMatch(/^[0-9a-f-]{36}$/);
    expect(created.headers.location).toBe(`http://cloud.test/staffapi/operations/${created.headers['x-operation-id']}`);
    const list = () => service.staff.get(`${STAFF}?filtering=project__service__client__id:${client}`).expect(200);
    expect((await list()).body.objects[0]).toMatchObject({
      id,
      status: 'building',
      display_status: 'Building',
      display_task: 'Scheduling',
      access_ip: null,
      host_name: null,
      hostId: '',
      allowed_actions: ['rename', 'lock', 'unlock'],
    });
    await cloud.work();
    const { body } = await list();
    expect(body).toEqual({
      permissions: ALL_PERMISSIONS,
      next: null,
      previous: null,
      count: 1,
      pageNo: 1,
      totalCount: 1,
      objects: [
        {
          status: 'active',
          os_distro: null,
          booted_from_iso: false,
          host_name: 'Region1-compute.fleio.org',
          name: 'newinstance',
          current_month_traffic: 0,
          client: { name: 'Jane Doe', id: client },
          flavor: {
            description: 'm1.tiny',
            memory_gb: 0.25,
            properties: '{}',
            region: 'Region1',
            out_of_stock: false,
            vcpus: 1,
            used_by_resellers: [],
            memory_mb: 256,
            id: FLAVOR,
            root_gb: 1,
            swap: 0,
            ephemeral_gb: 0,
            name: 'm1.tiny',
            reseller_resources: null,
            flavor_group: { name: 'Local storage', id: 1, priority: 10 },
          },
          created: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0[23]:00$/),
          hostId: expect.stringMatching(/^[0-9a-f]{56}$/),
          allowed_actions: [
            'reboot',
            'shutoff',
            'resize',
            'rescue',
            'rebuild',
            'console',
            'rename',
            'create_snapshot',
            'suspend',
            'add_port',
            'remove_port',
            'add_ip',
            'remove_ip',
            'migrate',
            'abort_migrate',
            'attach_volume',
            'move',
            'boot_from_iso',
            'lock',
            'unlock',
            'associate_ip',
            'dissociate_ip',
            'change_password',
          ],
          uuid: id,
          id,
          region: 'Region1',
          description: null,
          region_obj: { id: 'Region1', enable_volumes: true, description: '', enable_snapshots: true, enabled: true },
          current_cycle_traffic: 0,
          access_ip: expect.stringMatching(/^192\.168\.4\d\.\d+$/),
          display_status: 'Running',
          locked: false,
          image: IMAGE,
          display_task: null,
        },
      ],
    });
    expect((await cloud.act(id, 'stop').expect(200)).body).toEqual({ detail: 'Instance is stopping' });
    await cloud.work();
    expect((await list()).body.objects[0]).toMatchObject({
      status: 'stopped',
      display_status: 'Stopped',
      display_task: null,
    });
    expect((await cloud.act(id, 'start').expect(200)).body).toEqual({ detail: 'Instance is starting' });
    await cloud.work();
    expect((await list()).body.objects[0]).toMatchObject({ status: 'active', display_task: null });
    expect(await cloud.events(id)).toMatchObject([
      { type: 'instance.power_on', sequence: 1 },
      { type: 'instance.power_off', sequence: 2 },
      { type: 'instance.power_on', sequence: 3 },
    ]);
  });
});
