import path from 'node:path';
import type { ComputeDriver, SnapshotView } from '../driver.js';
import { beginKept, copySize, lookAtCopy, removeCopy } from './qemu-copies.js';
import type { QemuHost } from './qemu-host.js';
import { holdMachine, rootOf } from './qemu-machines.js';
import { checkedId } from './qemu-paths.js';
import { advance } from './qemu-tasks.js';
import { invalidState } from './qemu-state.js';

const imageFile = (host: QemuHost, imageId: string): string => path.join(host.places.images, checkedId(imageId));
/** An image that is made by this driver, of a machine or a volume. */
export const lookAtImage = async (host: QemuHost, imageId: string): Promise<SnapshotView | null> => {
  const file = imageFile(host, imageId);
  switch (await lookAtCopy(host, file)) {
    case 'none':
      return null;
    case 'busy':
      return { status: 'saving', backendId: imageId, size: null };
    case 'failed':
      return { status: 'error', backendId: imageId, size: null, message: 'The image could not be written.' };
    case 'ready':
      return { status: 'active', backendId: imageId, size: await copySize(file) };
  }
};
/** Images of machines: files of the region, whole, from which others are made. */
export const snapshotCalls = (host: QemuHost) =>
  ({
    snapshot: async ({ portalId }, { imageId }) => {
      const target = imageFile(host, imageId);
      await holdMachine(host, portalId, async (machine) => {
        if ((await lookAtCopy(host, target)) === 'ready') return;
        if (!(await advance(machine))) throw invalidState('The machine changes at the moment.');
        const { file, node } = rootOf(machine);
        await beginKept(host, { file, machine: { id: portalId, node } }, target);
      });
    },
    getSnapshot: (_ref, { imageId }) => lookAtImage(host, imageId),
    deleteSnapshot: ({ imageId }) => removeCopy(host, imageFile(host, imageId)),
  }) satisfies Partial<ComputeDriver>;
