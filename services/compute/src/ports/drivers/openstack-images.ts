import type { ComputeDriver, SnapshotView } from '../driver.js';
import { hasCode } from './openstack-errors.js';
import type { Servers } from './openstack-servers.js';
import type { Session } from './openstack-session.js';

/** The property of an image that has the portal's id of it. */
const PROPERTY = 'pcp_image_id';
interface Image {
  id: string;
  status: string;
  size: number | null;
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
const GONE = ['deleted', 'pending_delete'];

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
    try {
      const { body } = await call<Image>({
        service: 'image',
        method: 'GET',
        path: `/images/${encodeURIComponent(id)}`,
      });
      return GONE.includes(body.status) ? undefined : body;
    } catch (err) {
      if (hasCode(err, 'NOT_FOUND')) return undefined;
      throw err;
    }
  };
  const find = ({ imageId, backendId }: { imageId: string; backendId: string | null }): Promise<Image | undefined> =>
    backendId === null ? found(imageId) : byId(backendId);
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
    getSnapshot: async (_ref, image) => {
      const one = await find(image);
      return one ? { status: STATUS[one.status] ?? 'error', backendId: one.id, size: one.size } : null;
    },
    deleteSnapshot: async (image) => {
      const one = await find(image);
      if (!one) return;
      await call({ service: 'image', method: 'DELETE', path: `/images/${one.id}` }).catch((err: unknown) => {
        if (!hasCode(err, 'NOT_FOUND')) throw err;
      });
    },
  } satisfies Partial<ComputeDriver>;
};
