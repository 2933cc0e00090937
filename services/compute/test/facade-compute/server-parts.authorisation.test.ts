import { randomUUID } from 'node:crypto';
import type { Contract } from '@nefos/contracts';
import { createFastServer, sql } from '@nefos/service-kit';
import { call, checksums, describeMatrix, isSafe, listening, type Ids, type Outcome } from '@nefos/testing';
import { facadeComputeEndpoints } from '../../src/facade-compute/api/endpoints.js';
import { IMAGE, NETWORK } from '../cloud-support.js';
import { FACE_CALLERS, useFaces, type FaceCaller } from '../facade/face-support.js';
import { useStorage } from '../volumes/volume-support.js';
import { useRoom } from './server-support.js';

/** Everything below a server's own address. */
const contracts: readonly Contract[] = facadeComputeEndpoints
  .map(({ contract }) => contract)
  .filter(({ path }) => path.startsWith('/compute/v2.1/servers/:id/'));
/** Only administrators get beyond their own server there. */
const ADMIN = /\/(migrations(\/:migration)?|diagnostics)$/;

const outcome = (contract: Contract, who: FaceCaller): Outcome => {
  if (who === 'nobody' || who === 'garbage') return 401;
  if (who === 'unscoped' || who === 'component') return 403;
  if (who === 'reader' && !isSafe(contract)) return 403;
  if (who === 'homeless' || who === 'stranger') return 'absent';
  if (ADMIN.test(contract.path) && who !== 'staff') return 403;
  return 'allowed';
};
const at = '/compute/v2.1/servers/:id';
const BODIES: Record<string, (ids: Ids) => unknown> = {
  [`post ${at}/action`]: () => ({ createImage: { name: 'shot' } }),
  [`post ${at}/remote-consoles`]: () => ({ remote_console: { protocol: 'vnc', type: 'novnc' } }),
  [`post ${at}/os-volume_attachments`]: ({ loose = IMAGE }) => ({ volumeAttachment: { volumeId: loose } }),
  [`put ${at}/os-volume_attachments/:volume`]: ({ volume = IMAGE }) => ({
    volumeAttachment: { volumeId: volume, delete_on_termination: true },
  }),
  [`post ${at}/os-interface`]: () => ({ interfaceAttachment: { net_id: NETWORK } }),
  [`post ${at}/metadata`]: () => ({ metadata: { more: 'x' } }),
  [`put ${at}/metadata`]: () => ({ metadata: { more: 'x' } }),
  [`put ${at}/metadata/:key`]: ({ key = 'key' }) => ({ meta: { [key]: 'x' } }),
  [`put ${at}/tags`]: () => ({ tags: ['more'] }),
};

describe('who may do what below a server', () => {
  const storage = useStorage();
  const { service } = storage;
  const face = useFaces(service);
  useRoom(storage, face);
  let server: Awaited<ReturnType<typeof listening>>;
  let owned: Ids;
  /** A server with one of everything; the volume `loose` is nobody's yet. */
  const whole = async (): Promise<Ids> => {
    const id = await storage.build({ tags: ['web'] });
    const [volume, loose] = [await storage.volume(), await storage.volume()];
    await storage.attach(id, volume);
    await face.user.put(`/compute/v2.1/servers/${id}/metadata`, { metadata: { key: 'x' } }).expect(200);
    const [port] = await sql<{ id: string }>(service.db, 'select id from port where instance_id = $1', [id]);
    const { body } = await face.user.get(`/compute/v2.1/servers/${id}/ips`).expect(200);
    const [network = ''] = Object.keys((body as { addresses: object }).addresses);
    const [done] = await sql<{ request: string }>(
      service.db,
      `select request_id request from operation where instance_id = $1 order by created_at limit 1`,
      [id],
    );
    return {
      id,
      volume,
      loose,
      port: port?.id ?? '',
      network,
      key: 'key',
      tag: 'web',
      request: done?.request ?? '',
      migration: 1,
    };
  };
  beforeAll(async () => {
    server = await listening(createFastServer(service.app));
    await service.staff
      .patch(`/staffapi/openstack/quotas/${face.project.replaceAll('-', '')}`, {
        volumes: 500,
        gigabytes: 5000,
        force: true,
      })
      .expect(200);
    owned = await whole();
  });
  afterAll(() => server.close());

  it('every endpoint below a server is walked', () => {
    expect(contracts.length).toBeGreaterThan(30);
    for (const { access } of contracts) expect(access).toBe('user');
  });
  describeMatrix<FaceCaller>({
    contracts,
    callers: FACE_CALLERS,
    outcome,
    bodies: BODIES,
    send: (who, { method, path, body }) => {
      const { token } = face[who];
      const headers: Record<string, string> = { 'OpenStack-API-Version': 'compute 2.90' };
      if (token !== undefined) headers['X-Auth-Token'] = token;
      return call(server.base + path, { method, body, headers });
    },
    owned: () => owned,
    unknown: () => ({ ...owned, id: randomUUID() }),
    fresh: async (contract, _path, who) => {
      const ids = isSafe(contract) ? owned : await whole();
      if (isSafe(contract) || !contract.path.endsWith('/:migration') || who !== 'staff') return ids;
      const id = await storage.build();
      await storage.act(id, 'migrate', { live: true }).expect(200);
      const { body } = await face.staff.get(`/compute/v2.1/servers/${id}/migrations`, 'compute 2.90').expect(200);
      return { ...ids, id, migration: (body as { migrations: { id: number }[] }).migrations[0]?.id ?? 0 };
    },
    // None goes on: server-parts.test.ts shows one that does.
    answers: { [`get ${at}/migrations/:migration`]: 404 },
    state: () => checksums(service.db),
  });
});
