import { randomUUID } from 'node:crypto';
import type { ComputeDriver } from '../../src/ports/driver.js';
import type { VolumeDriver } from '../../src/ports/driver-volumes.js';
import { openstackKind } from '../../src/ports/drivers/openstack-kind.js';
import { recordedOpenstack, type Heard, type Reply } from './recorded-openstack.js';

// What a real Cinder can not be brought to do in a test; the rest is asked of one by npm run test:interop.
describe("an OpenStack's volumes", () => {
  let cloud: Awaited<ReturnType<typeof recordedOpenstack>>;
  let driver: ComputeDriver;
  const machine = { portalId: randomUUID(), backendId: null };
  const volume = { portalId: randomUUID(), backendId: 'v1' };
  const open = (more: object = {}) =>
    openstackKind.create({
      settings: openstackKind.settings.parse({
        auth_url: cloud.url,
        username: 'admin',
        project: 'admin',
        projects: 'shared',
        volumes: true,
        ...more,
      }),
      secrets: { password: 'secret' },
    });
  const volumes = (): VolumeDriver => driver.volumes as VolumeDriver;
  const stored = (more: object = {}) => ({
    id: 'v1',
    name: `pcp-${volume.portalId}`,
    status: 'available',
    size: 1,
    created_at: '2026-01-01T00:00:00.000000',
    attachments: [],
    ...more,
  });
  const server = {
    id: 's1',
    name: 'vm',
    status: 'ACTIVE',
    tenant_id: 't',
    created: '2026-01-01T00:00:00Z',
    updated: '2026-01-01T00:00:00Z',
    tags: [`pcp-${machine.portalId}`],
    'OS-EXT-STS:vm_state': 'active',
    'OS-EXT-STS:task_state': null,
    'OS-EXT-STS:power_state': 1,
    'os-extended-volumes:volumes_attached': [{ id: 'v1' }, { id: 'theirs' }],
  };
  const attachment = { volumeId: 'v1', device: '/dev/vdb' };
  const missing: Reply = { status: 404, body: { itemNotFound: { code: 404, message: 'Not found.' } } };
  /** Answers by method and the end of the path. */
  const answers = (given: Record<string, Reply | ((heard: Heard) => Reply)>) => {
    cloud.state.answer = (heard) => {
      const found = Object.entries(given).find(([key]) => {
        const [method, end = ''] = key.split(' ');
        return heard.method === method && heard.path.endsWith(end);
      })?.[1];
      return typeof found === 'function' ? found(heard) : found;
    };
  };
  const asked = (method: string, end: string) =>
    cloud.heard.filter((one) => one.method === method && one.path.endsWith(end));
  beforeEach(async () => {
    cloud = await recordedOpenstack();
    cloud.state.cinder = '3.70';
    driver = open();
  });
  afterEach(async () => {
    await driver.close?.();
    cloud.close();
  });

  it('are there when the settings say so, backups of them as well', () => {
    expect(open({ volumes: false }).volumes).toBeUndefined();
    expect(open({ volumes: false }).capabilities.actions.has('attach_volume')).toBe(false);
    expect(driver.capabilities.actions.has('attach_volume')).toBe(true);
    expect(volumes().capabilities.has('backup')).toBe(false);
    expect(open({ volume_backups: true }).volumes?.capabilities.has('backup')).toBe(true);
    expect(() => open({ volumes: false, volume_backups: true })).toThrow('There are none without volumes.');
    expect([openstackKind.capabilitiesBy({ volumes: true }), openstackKind.capabilitiesBy(null)]).toEqual([
      expect.objectContaining({ actions: driver.capabilities.actions }),
      expect.objectContaining({ actions: openstackKind.capabilities.actions }),
    ]);
  });
  it('a cloud without Cinder, and one whose Cinder is too old, are said', async () => {
    cloud.state.cinder = null;
    await expect(volumes().get(volume)).rejects.toMatchObject({ code: 'UNSUPPORTED' });
    cloud.state.cinder = '3.44';
    await expect(open().volumes?.get(volume)).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: 'The volume service of the cloud offers 3.44: 3.47 is needed.',
    });
  });
  it('asks with the microversion that both know', async () => {
    cloud.state.cinder = '3.99';
    answers({ 'GET /volumes/v1': { body: { volume: stored() } } });
    expect(await volumes().get(volume)).toEqual({ status: 'ready', backendId: 'v1', sizeGb: 1 });
    expect(asked('GET', '/volumes/v1')[0]?.version).toBe('volume 3.70');
  });
  it('a quota is QUOTA, though Cinder says when to ask again; a state is INVALID_STATE, which is tried again', async () => {
    answers({
      'GET /volumes/detail': { body: { volumes: [] } },
      'POST /volumes': {
        status: 413,
        headers: { 'Retry-After': '0' },
        body: { overLimit: { code: 413, message: 'VolumeLimitExceeded: exceeds allowed quota', retryAfter: '0' } },
      },
      'GET /volumes/v1': { body: { volume: stored() } },
      'POST /volumes/v1/action': {
        status: 400,
        body: { badRequest: { code: 400, message: 'Invalid volume: Volume status must be available to extend.' } },
      },
    });
    const spec = { portalId: randomUUID(), projectId: 'p', name: 'n', sizeGb: 1, type: null, source: null };
    await expect(volumes().create(spec)).rejects.toMatchObject({ code: 'QUOTA', retryable: false });
    await expect(volumes().extend(volume, 2)).rejects.toMatchObject({ code: 'INVALID_STATE', retryable: true });
  });
  it('an answer that was lost: the volume is found by its name, and none is made', async () => {
    answers({ 'GET /volumes/detail': { body: { volumes: [stored({ status: 'creating' })] } } });
    const spec = { ...volume, projectId: 'p', name: 'n', sizeGb: 1, type: null, source: null };
    expect(await volumes().create(spec)).toEqual(volume);
    expect(asked('POST', '/volumes')).toEqual([]);
  });
  it('a list deletes the second of two with one id, the later one', async () => {
    answers({
      'GET /volumes/detail': {
        body: {
          volumes: [
            stored({ id: 'v2', created_at: '2026-01-01T00:00:01.000000' }),
            stored(),
            stored({ id: 'other', name: 'backup of the house' }),
          ],
        },
      },
    });
    expect(await volumes().list({ after: null, limit: 10 })).toEqual([volume]);
    expect(cloud.heard.filter(({ method }) => method === 'DELETE').map(({ path }) => path.split('/').at(-1))).toEqual([
      'v2',
    ]);
  });
  it('one that another has the name of, by the id that is known, is not taken for ours', async () => {
    answers({
      'GET /volumes/v1': { body: { volume: stored({ name: 'renamed by hand' }) } },
      'GET /volumes/detail': { body: { volumes: [] } },
    });
    expect(await volumes().get(volume)).toBeNull();
    await volumes().destroy(volume);
    expect(cloud.heard.some(({ method }) => method === 'DELETE')).toBe(false);
  });
  it('a deletion that Cinder has given up begins again', async () => {
    answers({
      'GET /volumes/v1': { body: { volume: stored({ status: 'error_deleting' }) } },
      'GET /volumes/detail': { body: { volumes: [stored({ status: 'error_deleting' })] } },
    });
    expect(await volumes().get(volume)).toMatchObject({ status: 'error' });
    await volumes().destroy(volume);
    expect(asked('POST', '/volumes/v1/action')[0]?.body).toEqual({ 'os-force_delete': {} });
  });
  it('a guest that does not let go: Nova gives up, and that is GUEST', async () => {
    answers({
      'GET /servers/detail': { body: { servers: [server] } },
      'GET /volumes/v1': { body: { volume: stored({ status: 'in-use', attachments: [{ server_id: 's1' }] }) } },
      'GET /os-volume_attachments/v1': { body: { volumeAttachment: attachment } },
      'DELETE /os-volume_attachments/v1': { status: 202, body: {} },
    });
    await expect(driver.detachVolume?.(machine, volume)).rejects.toMatchObject({ code: 'GUEST', retryable: false });
    expect(asked('DELETE', '/os-volume_attachments/v1')).toHaveLength(1);
  });
  it('an attachment that Nova drops has failed; what is attached is not attached again', async () => {
    let there = false;
    answers({
      'GET /servers/detail': { body: { servers: [server] } },
      'GET /volumes/v1': () => ({ body: { volume: stored({ status: there ? 'in-use' : 'available' }) } }),
      'GET /os-volume_attachments/v1': () => (there ? { body: { volumeAttachment: attachment } } : missing),
      'POST /os-volume_attachments': { body: { volumeAttachment: attachment } },
    });
    await expect(driver.attachVolume?.(machine, volume, { device: null })).rejects.toMatchObject({ code: 'INTERNAL' });
    there = true;
    expect(await driver.attachVolume?.(machine, volume, { device: null })).toBe('/dev/vdb');
    expect(asked('POST', '/os-volume_attachments')).toHaveLength(1);
  });
  it('a machine shows the volumes of the portal that it has, and no others', async () => {
    answers({
      'GET /servers/detail': { body: { servers: [server] } },
      'GET /os-volume_attachments': {
        body: { volumeAttachments: [attachment, { volumeId: 'theirs', device: '/dev/vdc' }] },
      },
      'GET /volumes/v1': { body: { volume: stored() } },
      'GET /volumes/theirs': { body: { volume: stored({ id: 'theirs', name: 'data' }) } },
    });
    const shown = [{ portalId: volume.portalId, device: '/dev/vdb' }];
    expect((await driver.get(machine))?.volumes).toEqual(shown);
    expect((await driver.get(machine))?.volumes).toEqual(shown);
    expect(asked('GET', '/volumes/v1')).toHaveLength(1);
  });
  it('the image of a machine on a volume takes the snapshots with it that Nova made, and none of the portal', async () => {
    const image = {
      ...{ id: 'i1', status: 'active', size: 0, created_at: '2026-01-01T00:00:00Z' },
      block_device_mapping: JSON.stringify([{ snapshot_id: 'n1' }, { snapshot_id: 'p1' }, { snapshot_id: 'gone' }, {}]),
    };
    answers({
      'GET /images/i1': { body: image },
      'GET /snapshots/n1': { body: { snapshot: stored({ id: 'n1', name: 'snapshot for web' }) } },
      'GET /snapshots/p1': { body: { snapshot: stored({ id: 'p1' }) } },
      'GET /snapshots/gone': missing,
    });
    await driver.deleteSnapshot?.({ imageId: randomUUID(), backendId: 'i1' });
    expect(cloud.heard.filter(({ method }) => method === 'DELETE').map(({ path }) => path.split('/').at(-1))).toEqual([
      'n1',
      'i1',
    ]);
  });
});
