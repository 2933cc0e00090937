import { sql } from '@nefos/service-kit';
import { useCloud, type Cloud } from '../cloud-support.js';
import type { As } from '../support.js';

export const VOLUMES = '/staffapi/openstack/volumes';
export const SNAPSHOTS = '/staffapi/openstack/volumesnapshots';
export const BACKUPS = '/staffapi/openstack/volumebackups';

export interface Storage extends Cloud {
  /** Asks for a volume as staff and lets the jobs make it. @returns its id */
  volume(more?: object, client?: number): Promise<string>;
  snapshot(volume: string, more?: object): Promise<string>;
  backup(volume: string, more?: object): Promise<string>;
  /** Attaches it and lets the job do it. */
  attach(instance: string, volume: string, more?: object): Promise<void>;
  /** Its page; undefined: there is none. */
  show(id: string, as?: As): Promise<Record<string, unknown> | undefined>;
  status(id: string): Promise<string | undefined>;
  /** Ids that the simulator has of this kind, and what has them. */
  simulated(id: string): Promise<{ kind: string; size_gb: number; machine_id: string | null; restores: number }[]>;
  call(method: 'post' | 'delete' | 'patch', path: string, body?: object): Promise<{ status: number; body: object }>;
}
/** The cloud with calls for volumes. */
export const useStorage = (): Storage => {
  const cloud = useCloud();
  const { service } = cloud;
  const made = async (path: string, body: object): Promise<string> => {
    const res = await service.staff.post(path, body);
    if (res.status !== 201) throw new Error(`${res.status} ${res.text}`);
    await cloud.work();
    return (res.body as { id: string }).id;
  };
  const storage: Storage = {
    ...cloud,
    volume: (more = {}, client = service.ownClient) =>
      made(VOLUMES, { region: 'Region1', name: 'data', client, ...('size' in more ? {} : { size: 1 }), ...more }),
    snapshot: (volume, more = {}) => made(SNAPSHOTS, { volume, name: 'snap', ...more }),
    backup: (volume, more = {}) => made(BACKUPS, { volume, name: 'backup', ...more }),
    attach: async (instance, volume, more = {}) => {
      await cloud.act(instance, 'attach-volume', { volume, ...more }).expect(200);
      await cloud.work();
    },
    show: async (id, as = service.staff) => {
      const res = await as.get(`${as === service.staff ? VOLUMES : '/api/openstack/volumes'}/${id}`);
      return res.status === 200 ? (res.body as Record<string, unknown>) : undefined;
    },
    status: async (id) => (await storage.show(id))?.status as string | undefined,
    simulated: (id) =>
      sql(
        service.db,
        `select kind, size_gb, machine_id, restores from sim_volume
        where portal_id = $1 and (not goes or done_at > now())`,
        [id],
      ),
    call: async (method, path, body) => {
      const res = await service.staff[method](path, body);
      return { status: res.status, body: res.body as object };
    },
  };
  return storage;
};
