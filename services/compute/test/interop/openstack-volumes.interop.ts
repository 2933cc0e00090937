// Cinder by the OpenStack driver: `npm run test:interop` runs it.
import { randomUUID } from 'node:crypto';
import type { CloudCatalog } from '../../src/catalog/cloud-catalog.js';
import type { ComputeDriver, InstanceSpec } from '../../src/ports/driver.js';
import type { StoredRef } from '../../src/ports/driver-volumes.js';
import { volumesConformance } from '../ports/volumes-conformance.js';
import { openCloud } from './openstack-under-test.js';

describe('the OpenStack driver and a real Cinder', () => {
  jest.setTimeout(240_000);
  let driver: ComputeDriver;
  let cloud: CloudCatalog;
  const projectId = randomUUID().replaceAll('-', '');
  const image = () => {
    const found = cloud.images.find((one) => one.diskFormat === 'raw');
    if (!found) throw new Error('no image');
    return { id: randomUUID(), backendId: found.backendId, diskFormat: 'raw' };
  };
  const spec = (more: Partial<InstanceSpec> = {}): InstanceSpec => {
    const flavor = cloud.flavors.find(({ name }) => name === 'm1.nano');
    if (!flavor) throw new Error('no flavor');
    return {
      portalId: randomUUID(),
      name: 'nefos-volumes',
      tags: [],
      region: 'R',
      projectId,
      flavor,
      imageId: randomUUID(),
      image: image(),
      nics: [],
      ...more,
    };
  };
  const volumes = () => {
    if (!driver.volumes) throw new Error('no volumes');
    return driver.volumes;
  };
  const eventually = async (holds: () => Promise<boolean>): Promise<void> => {
    for (const end = Date.now() + 60_000; Date.now() < end;) {
      if (await holds()) return;
      await new Promise((r) => {
        setTimeout(r, 300);
      });
    }
    throw new Error('it does not come to be');
  };
  beforeAll(async () => {
    driver = openCloud();
    cloud = (await driver.readCatalog?.()) as CloudCatalog;
  });
  afterAll(async () => {
    for (const { ref } of await driver.list({ after: null, limit: 500 })) await driver.destroy(ref);
    await eventually(async () => !(await driver.list({ after: null, limit: 500 })).length);
    // What is being deleted, or waits for its snapshots, is asked for again.
    await eventually(async () => {
      const left = (await openCloud().volumes?.list({ after: null, limit: 500 })) ?? [];
      for (const ref of left)
        await volumes()
          .destroy(ref)
          .catch(() => undefined);
      return !left.length;
    });
    await driver.close?.();
  });
  volumesConformance('the OpenStack driver', () => ({ driver, spec, image: image() }));

  it('two processes that create one volume at once keep one', async () => {
    const wanted = { portalId: randomUUID(), projectId, name: 'one', sizeGb: 1, type: null, source: null };
    const others = [openCloud(), openCloud(), openCloud()];
    await Promise.all(others.map(async (one) => one.volumes?.create(wanted)));
    const found = await volumes().create(wanted);
    await eventually(async () => {
      const listed = (await openCloud().volumes?.list({ after: null, limit: 500 })) ?? [];
      return listed.filter(({ portalId }) => portalId === wanted.portalId)[0]?.backendId === found.backendId;
    });
    for (const one of others) await one.close?.();
  });
  it('an image of a machine on a volume takes its snapshots with it', async () => {
    const root = { portalId: randomUUID(), projectId, name: 'root', sizeGb: 1, type: null, source: { image: image() } };
    const volume: StoredRef = await volumes().create(root);
    await eventually(async () => (await volumes().get(volume))?.status === 'ready');
    const ref = await driver.create(
      spec({ imageId: null, image: null, volumes: [{ volume, device: null, boot: true }] }),
    );
    await eventually(async () => (await driver.get(ref))?.powerState === 1);
    const made = { imageId: randomUUID(), backendId: null };
    await driver.snapshot?.(ref, { imageId: made.imageId, name: 'of a volume' });
    await eventually(async () => (await driver.getSnapshot?.(ref, made))?.status === 'active');
    await driver.deleteSnapshot?.(made);
    await driver.deleteSnapshot?.(made);
    await driver.destroy(ref);
    await eventually(async () => (await driver.get(ref)) === null);
    // Cinder refuses while there is a snapshot.
    await eventually(async () => {
      await volumes()
        .destroy(volume)
        .catch(() => undefined);
      return (await volumes().get(volume)) === null;
    });
  });
});
