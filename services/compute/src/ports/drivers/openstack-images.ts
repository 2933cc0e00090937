import type { ComputeDriver, Ref, SnapshotView } from '../driver.js';
import { unlessMissing } from './openstack-errors.js';
import { taskOf, type Servers } from './openstack-servers.js';
import type { Session } from './openstack-session.js';

/** The property of an image that has the portal's id of it. */
const PROPERTY = 'pcp_image_id';
interface Image {
  id: string;
  status: string;
  size: number | null;
  created_at: string;
  protected?: boolean;
  /** Of a machine whose disks are volumes: JSON. */
  block_device_mapping?: string;
}
interface ImageRef {
  imageId: string;
  backendId: string | null;
}
/** Cinder's ids of the snapshots of which the image is made. */
const snapshotsOf = ({ block_device_mapping: text = '[]' }: Image): string[] => {
  try {
    const disks = JSON.parse(text) as { snapshot_id?: string | null }[];
    return disks.flatMap(({ snapshot_id: id }) => (typeof id === 'string' ? [id] : []));
  } catch {
    return [];
  }
};
const STATUS: Readonly<Record<string, SnapshotView['status']>> = {
  queued: 'saving',
  saving: 'saving',
  importing: 'saving',
  uploading: 'saving',
  active: 'active',
  deactivated: 'active',
};
/** What an image is in while Nova makes it. */
const BY_NOVA = ['queued', 'saving'];
const GONE = ['deleted', 'pending_delete'];

/** As long as Nova has not said that it makes the image: it makes the image first, and then takes the task on. */
const BEGINS_MS = 10_000;

export type StoredImages = ReturnType<typeof createStoredImages>;
/** Images that are made of machines and volumes, known by the portal's id. */
export const createStoredImages = ({ call }: Session) => {
  const found = async (imageId: string): Promise<Image | undefined> => {
    const { body } = await call<{ images: Image[] }>({
      service: 'image',
      method: 'GET',
      path: '/images',
      query: { [PROPERTY]: imageId, limit: 5 },
    });
    return body.images.find(({ status }) => !GONE.includes(status));
  };
  const byId = async (id: string): Promise<Image | undefined> => {
    const path = `/images/${encodeURIComponent(id)}`;
    const body = (await unlessMissing(call<Image>({ service: 'image', method: 'GET', path })))?.body;
    return body && !GONE.includes(body.status) ? body : undefined;
  };
  const find = ({ imageId, backendId }: ImageRef): Promise<Image | undefined> =>
    backendId === null ? found(imageId) : byId(backendId);
  const viewOf = ({ id, size, status }: Image): SnapshotView => ({
    backendId: id,
    size,
    status: STATUS[status] ?? 'error',
  });
  return {
    found,
    byId,
    find,
    viewOf,
    view: async (image: ImageRef): Promise<SnapshotView | null> => {
      const one = await find(image);
      return one ? viewOf(one) : null;
    },
    mark: (imageId: string): Record<string, string> => ({ [PROPERTY]: imageId }),
    erase: ({ id }: Image): Promise<unknown> =>
      unlessMissing(call({ service: 'image', method: 'DELETE', path: `/images/${id}` })),
  };
};

/**
 * Images of machines. An image belongs to the project of its machine; that of a machine on a volume is a list of
 * snapshots at Cinder, which go with it.
 */
export const createImageCalls = (
  images: StoredImages,
  servers: Servers,
  { shared, dropSnapshot }: { shared: boolean; dropSnapshot?: (id: string) => Promise<unknown> },
) => {
  const { found, byId, find } = images;
  /** Whether Nova has given the image up: it writes the data itself, and is at rest before there are any. */
  const isDropped = async (ref: Ref, { id, status, created_at: created }: Image): Promise<boolean> => {
    if (!BY_NOVA.includes(status) || Date.now() - Date.parse(created) < BEGINS_MS) return false;
    const server = await servers.find(ref);
    if (server && taskOf(server) !== null) return false;
    // It may have become whole before the server came to rest.
    return BY_NOVA.includes((await byId(id))?.status ?? 'deleted');
  };
  return {
    snapshot: async (ref, { imageId, name }) => {
      const server = await servers.demand(ref);
      if (await found(imageId)) return;
      await servers.action(
        server.id,
        { createImage: { name, metadata: images.mark(imageId) } },
        shared ? undefined : server.tenant_id,
      );
    },
    getSnapshot: async (ref, image) => {
      const one = await find(image);
      if (!one) return null;
      const view = images.viewOf(one);
      if (await isDropped(ref, one))
        return { ...view, status: 'error', message: 'The cloud has not stored the image.' };
      return view;
    },
    deleteSnapshot: async (image) => {
      const one = await find(image);
      if (!one) return;
      if (dropSnapshot) for (const id of snapshotsOf(one)) await dropSnapshot(id);
      await images.erase(one);
    },
  } satisfies Partial<ComputeDriver>;
};
