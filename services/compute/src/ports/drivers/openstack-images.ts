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
}
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

/** Images that are made of machines. An image belongs to the project of its machine. */
export const createImageCalls = ({ call }: Session, servers: Servers, shared: boolean) => {
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
  const find = ({ imageId, backendId }: { imageId: string; backendId: string | null }): Promise<Image | undefined> =>
    backendId === null ? found(imageId) : byId(backendId);
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
        { createImage: { name, metadata: { [PROPERTY]: imageId } } },
        shared ? undefined : server.tenant_id,
      );
    },
    getSnapshot: async (ref, image) => {
      const one = await find(image);
      if (!one) return null;
      const view = { backendId: one.id, size: one.size };
      if (await isDropped(ref, one))
        return { ...view, status: 'error', message: 'The cloud has not stored the image.' } satisfies SnapshotView;
      return { ...view, status: STATUS[one.status] ?? 'error' };
    },
    deleteSnapshot: async (image) => {
      const one = await find(image);
      if (one) await unlessMissing(call({ service: 'image', method: 'DELETE', path: `/images/${one.id}` }));
    },
  } satisfies Partial<ComputeDriver>;
};
