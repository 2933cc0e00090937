import { setTimeout as sleep } from 'node:timers/promises';
import { DriverError, type AttachedVolume, type ComputeDriver } from '../driver.js';
import type { Cinder, Stored } from './openstack-cinder.js';
import { unlessMissing } from './openstack-errors.js';
import { vmStateOf, type Server, type Servers } from './openstack-servers.js';
import type { Session } from './openstack-session.js';

interface Attachment {
  volumeId: string;
  device: string | null;
}
/** A call may take 30 s. */
const PATIENCE_MS = 20_000;
const LOOK_MS = 300;
/** Looks after which a volume that is still in use, and no longer on its way out, has not been let go. */
const KEPT_LOOKS = 3;

/** Which volumes servers have. A call ends when Nova and Cinder agree. */
export const createAttachments = ({ call }: Session, servers: Servers, cinder: Cinder) => {
  const pathOf = ({ id }: Server): string => `/servers/${encodeURIComponent(id)}/os-volume_attachments`;
  const attached = async (server: Server, { id }: Stored): Promise<Attachment | undefined> => {
    const path = `${pathOf(server)}/${encodeURIComponent(id)}`;
    const found = await unlessMissing(
      call<{ volumeAttachment: Attachment }>({ service: 'compute', method: 'GET', path }),
    );
    return found?.body.volumeAttachment;
  };
  const attach = async (server: Server, { id: volumeId }: Stored, device: string | null): Promise<void> => {
    const volumeAttachment = { volumeId, ...(device !== null && { device }) };
    await call({ service: 'compute', method: 'POST', path: pathOf(server), body: { volumeAttachment } });
  };
  const detach = async (server: Server, { id }: Stored): Promise<void> => {
    const path = `${pathOf(server)}/${encodeURIComponent(id)}`;
    await unlessMissing(call({ service: 'compute', method: 'DELETE', path }));
  };
  /** A server that is on no host has its volumes kept for it only. */
  const holds = (server: Server, { status }: Stored): boolean =>
    status === 'in-use' || (status === 'reserved' && vmStateOf(server) === 'shelved_offloaded');

  return {
    /** As a view has them; those of others are not named. */
    volumesOf: async (server: Server): Promise<AttachedVolume[]> => {
      if (!server['os-extended-volumes:volumes_attached']?.length) return [];
      const found = await unlessMissing(
        call<{ volumeAttachments: Attachment[] }>({ service: 'compute', method: 'GET', path: pathOf(server) }),
      );
      const volumes: AttachedVolume[] = [];
      for (const { volumeId, device } of found?.body.volumeAttachments ?? []) {
        const portalId = await cinder.portalIdOf(volumeId);
        if (portalId !== undefined) volumes.push({ portalId, device });
      }
      return volumes;
    },
    calls: {
      attachVolume: async (ref, volume, { device }) => {
        const server = await servers.demand(ref);
        const wanted = await cinder.demand('volume', volume);
        if (!(await attached(server, wanted))) await attach(server, wanted, device);
        for (const end = performance.now() + PATIENCE_MS; ; await sleep(LOOK_MS)) {
          const [one, now] = [await attached(server, wanted), await cinder.demand('volume', volume)];
          if (one && holds(server, now)) return one.device;
          if (!one && now.status !== 'attaching' && now.status !== 'reserved')
            throw new DriverError('INTERNAL', 'The cloud has not attached the volume.');
          if (performance.now() > end) throw new DriverError('INVALID_STATE', 'The volume is being attached.');
        }
      },
      detachVolume: async (ref, volume) => {
        const server = await servers.demand(ref);
        const wanted = await cinder.find('volume', volume);
        if (!wanted) return;
        const onServer = ({ attachments = [] }: Stored): boolean =>
          attachments.some(({ server_id: id }) => id === server.id);
        if (await attached(server, wanted)) {
          if (wanted.status !== 'detaching') await detach(server, wanted);
        } else if (!onServer(wanted)) return;
        let kept = 0;
        for (const end = performance.now() + PATIENCE_MS; ; await sleep(LOOK_MS)) {
          const [one, now] = [await attached(server, wanted), await cinder.find('volume', volume)];
          if (!one && (!now || !onServer(now))) return;
          kept = one && now?.status === 'in-use' ? kept + 1 : 0;
          if (kept >= KEPT_LOOKS) throw new DriverError('GUEST', 'The guest does not let the volume go.');
          if (performance.now() > end) throw new DriverError('INVALID_STATE', 'The volume is being detached.');
        }
      },
    } satisfies Partial<ComputeDriver>,
  };
};
