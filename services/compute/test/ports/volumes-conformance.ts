import { randomUUID } from 'node:crypto';
import type { ImageSpec, InstanceSpec, Ref } from '../../src/ports/driver.js';
import type { ComputeDriver } from '../../src/ports/driver.js';
import type { StoredRef, StoredView, VolumeAction, VolumeDriver, VolumeSpec } from '../../src/ports/driver-volumes.js';

export interface VolumesUnderTest {
  driver: ComputeDriver;
  /** A machine to attach volumes to. */
  spec(more?: Partial<InstanceSpec>): InstanceSpec;
  /** An image to fill volumes from; absent: that of `spec`. */
  image?: ImageSpec;
  /** Resolves when the guest is up after one more start, and so lets a volume go; absent: at once. */
  booted?(ref: Ref): Promise<unknown>;
  /** GB; absent: 1. */
  sizeGb?: number;
}
const REFUSED = 'a driver that has the capability has the call';

/** What every driver with volumes promises the portal (`ports/driver-volumes.ts`), asked of a real one. */
export const volumesConformance = (name: string, open: () => VolumesUnderTest): void => {
  describe(`${name} keeps the promises of volumes`, () => {
    let driver: ComputeDriver;
    let volumes: VolumeDriver;
    let given: VolumesUnderTest;
    let size: number;
    beforeAll(() => {
      given = open();
      ({ driver } = given);
      if (!driver.volumes) throw new Error(REFUSED);
      ({ volumes } = driver);
      size = given.sizeGb ?? 1;
    });
    const promises = (action: VolumeAction, title: string, work: () => Promise<void>): void =>
      it(`${action}: ${title}`, async () => {
        if (volumes.capabilities.has(action)) return work();
        // eslint-disable-next-line no-console -- the reason why nothing was asked
        console.log(`${name}: ${action} is not asked: the driver says that it can not do it`);
        return undefined;
      });
    const wait = async <T>(look: () => Promise<T>, done: (seen: T) => boolean): Promise<T> => {
      for (let i = 0; i < 1500; i += 1) {
        const seen = await look();
        if (done(seen)) return seen;
        await new Promise((r) => {
          setTimeout(r, 20);
        });
      }
      throw new Error('the hypervisor does not come to rest');
    };
    const rests = (view: StoredView | null): boolean => view?.status !== 'busy';
    const ready = (ref: StoredRef) => wait(() => volumes.get(ref), rests);
    const spec = (more: Partial<VolumeSpec> = {}): VolumeSpec => ({
      portalId: randomUUID(),
      projectId: 'p',
      name: 'data',
      sizeGb: size,
      type: null,
      source: null,
      ...more,
    });
    const made = async (more?: Partial<VolumeSpec>): Promise<StoredRef> => {
      const ref = await volumes.create(spec(more));
      expect(await ready(ref)).toMatchObject({ status: 'ready' });
      return ref;
    };
    const twice = async (act: () => Promise<unknown>): Promise<void> => {
      await act();
      await act();
    };
    const listed = async (portalId: string): Promise<number> => {
      let found = 0;
      for (let after: string | null = null; ;) {
        const page: StoredRef[] = await volumes.list({ after, limit: 3 });
        found += page.filter((one) => one.portalId === portalId).length;
        after = page.at(-1)?.portalId ?? null;
        if (page.length < 3) return found;
      }
    };
    const machine = async (): Promise<Ref> => {
      const ref = await driver.create(given.spec());
      await wait(
        () => driver.get(ref),
        (view) => view !== null && view.taskHint === undefined,
      );
      await given.booted?.(ref);
      return ref;
    };
    const has = async (ref: Ref): Promise<string[]> =>
      (await driver.get(ref))?.volumes?.map(({ portalId }) => portalId) ?? [];
    const attach = (ref: Ref, volume: StoredRef, device: string | null = null) => {
      if (!driver.attachVolume) throw new Error(REFUSED);
      return driver.attachVolume(ref, volume, { device });
    };
    const detach = (ref: Ref, volume: StoredRef) => {
      if (!driver.detachVolume) throw new Error(REFUSED);
      return driver.detachVolume(ref, volume);
    };

    it('create: ten at once with one id are one volume, of the size that was asked for', async () => {
      const wanted = spec();
      const refs = await Promise.all(Array.from({ length: 10 }, () => volumes.create(wanted)));
      expect(new Set(refs.map((ref) => ref.backendId)).size).toBe(1);
      expect(await ready(refs[0] as StoredRef)).toMatchObject({ status: 'ready', sizeGb: size });
      expect(await listed(wanted.portalId)).toBe(1);
    });
    it('what is not there: get says null, destroy is success, the rest NOT_FOUND', async () => {
      const ref = { portalId: randomUUID(), backendId: null };
      expect(await volumes.get(ref)).toBeNull();
      await volumes.destroy(ref);
      await expect(volumes.extend(ref, 5)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    });
    it('destroy: gone, from the list too; twice is once', async () => {
      const ref = await made();
      await twice(() => volumes.destroy(ref));
      expect(
        await wait(
          () => volumes.get(ref),
          (view) => view === null,
        ),
      ).toBeNull();
      await volumes.destroy(ref);
      expect(await listed(ref.portalId)).toBe(0);
    });
    it('attach and detach while the machine runs; twice is once', async () => {
      const [ref, volume] = [await machine(), await made()];
      await twice(() => attach(ref, volume));
      expect(await has(ref)).toEqual([volume.portalId]);
      expect((await driver.get(ref))?.powerState).toBe(1);
      await twice(() => detach(ref, volume));
      expect(await has(ref)).toEqual([]);
      expect(await volumes.get(volume)).toMatchObject({ status: 'ready' });
    });
    it('attach and detach while the machine is off', async () => {
      const [ref, volume] = [await machine(), await made()];
      await driver.stop(ref, { graceSeconds: 1 });
      await wait(
        () => driver.get(ref),
        (view) => view?.powerState === 4 && view.taskHint === undefined,
      );
      await attach(ref, volume);
      expect(await has(ref)).toEqual([volume.portalId]);
      await driver.start(ref);
      await wait(
        () => driver.get(ref),
        (view) => view?.powerState === 1 && view.taskHint === undefined,
      );
      expect(await has(ref)).toEqual([volume.portalId]);
      await given.booted?.(ref);
      await detach(ref, volume);
      expect(await has(ref)).toEqual([]);
    });
    it('attach and detach after the machine was suspended; what it had before goes then, too', async () => {
      const [ref, before, after] = [await machine(), await made(), await made()];
      await attach(ref, before);
      for (const [act, wanted] of [
        [() => driver.suspend(ref), [4, 7]],
        [() => driver.resume(ref), [1]],
      ] as const) {
        await act();
        await wait(
          () => driver.get(ref),
          (view) => view?.taskHint === undefined && (wanted as readonly unknown[]).includes(view?.powerState),
        );
        expect(await has(ref)).toEqual([before.portalId]);
      }
      await attach(ref, after);
      expect((await has(ref)).sort()).toEqual([before.portalId, after.portalId].sort());
      for (const volume of [before, after]) await twice(() => detach(ref, volume));
      expect(await has(ref)).toEqual([]);
      expect((await driver.get(ref))?.powerState).toBe(1);
    });
    it('a volume is on one machine at a time, and is not destroyed there', async () => {
      const [first, second, volume] = [await machine(), await machine(), await made()];
      await attach(first, volume);
      await expect(attach(second, volume)).rejects.toBeDefined();
      await expect(volumes.destroy(volume)).rejects.toBeDefined();
      expect(await has(first)).toEqual([volume.portalId]);
      await detach(first, volume);
      await attach(second, volume);
      expect(await has(second)).toEqual([volume.portalId]);
    });
    it('a machine that is destroyed gives its volumes back; they stay', async () => {
      const [ref, volume] = [await machine(), await made()];
      await attach(ref, volume);
      await driver.destroy(ref);
      await wait(
        () => driver.get(ref),
        (view) => view === null,
      );
      await detach(ref, volume).catch((err: unknown) => expect(err).toMatchObject({ code: 'NOT_FOUND' }));
      expect(await volumes.get(volume)).toMatchObject({ status: 'ready' });
      const other = await machine();
      await attach(other, volume);
      expect(await has(other)).toEqual([volume.portalId]);
    });
    promises('boot', 'a machine boots from a volume that was filled from an image', async () => {
      const image = given.image ?? { id: given.spec().imageId ?? randomUUID(), diskFormat: 'qcow2' };
      const root = await made({ source: { image } });
      const data = await made();
      const wanted = {
        ...given.spec(),
        imageId: null,
        image: null,
        volumes: [
          { volume: root, device: null, boot: true },
          { volume: data, device: null, boot: false },
        ],
      };
      const ref = await driver.create(wanted);
      expect(
        await wait(
          () => driver.get(ref),
          (view) => view !== null && view.taskHint === undefined,
        ),
      ).toMatchObject({ powerState: 1 });
      expect((await has(ref)).sort()).toEqual([root.portalId, data.portalId].sort());
    });
    promises('extend', 'larger; twice is once', async () => {
      const ref = await made();
      await twice(async () => {
        await volumes.extend(ref, size + 1);
        await ready(ref);
      });
      expect(await ready(ref)).toMatchObject({ status: 'ready', sizeGb: size + 1 });
    });
    promises('extend_attached', 'larger while a machine has it', async () => {
      const [machineRef, volume] = [await machine(), await made()];
      await attach(machineRef, volume);
      await volumes.extend(volume, size + 1);
      expect(await ready(volume)).toMatchObject({ status: 'ready', sizeGb: size + 1 });
      expect(await has(machineRef)).toEqual([volume.portalId]);
    });
    promises('clone', 'a volume of its own, larger where that is asked for', async () => {
      const source = await made();
      const clone = await made({ source: { volume: source }, sizeGb: size + 1 });
      expect(await volumes.get(clone)).toMatchObject({ sizeGb: size + 1 });
      await volumes.destroy(source);
      await wait(
        () => volumes.get(source),
        (view) => view === null,
      );
      expect(await volumes.get(clone)).toMatchObject({ status: 'ready' });
    });
    promises('snapshot', 'once per id; volumes are made of it; deleted, twice', async () => {
      const volume = await made();
      const portalId = randomUUID();
      expect(await volumes.getSnapshot(volume, { portalId, backendId: null })).toBeNull();
      const refs = [
        await volumes.createSnapshot(volume, { portalId, name: 'snap' }),
        await volumes.createSnapshot(volume, { portalId, name: 'snap' }),
      ];
      expect(refs[0]).toEqual(refs[1]);
      const snapshot = refs[0] as StoredRef;
      expect(await wait(() => volumes.getSnapshot(volume, snapshot), rests)).toMatchObject({ status: 'ready' });
      const copy = await made({ source: { snapshot, volume } });
      expect(await volumes.get(copy)).toMatchObject({ status: 'ready', sizeGb: size });
      await twice(() => volumes.destroySnapshot(volume, snapshot));
      await wait(
        () => volumes.getSnapshot(volume, snapshot),
        (view) => view === null,
      );
      expect(await volumes.get(copy)).toMatchObject({ status: 'ready' });
    });
    promises('revert', 'the volume is as it was; twice is once', async () => {
      const volume = await made();
      const snapshot = await volumes.createSnapshot(volume, { portalId: randomUUID(), name: 'snap' });
      await wait(() => volumes.getSnapshot(volume, snapshot), rests);
      await twice(async () => {
        await volumes.revert(volume, snapshot);
        await ready(volume);
      });
      expect(await ready(volume)).toMatchObject({ status: 'ready', sizeGb: size });
      expect(await volumes.getSnapshot(volume, snapshot)).toMatchObject({ status: 'ready' });
      // Where a volume with snapshots can not be destroyed, nothing could take it away afterwards.
      await volumes.destroySnapshot(volume, snapshot);
    });
    promises('backup', 'full and incremental; they outlive the volume and fill others', async () => {
      const volume = await made();
      const backed = async (parent: StoredRef | null): Promise<StoredRef> => {
        const backup = { portalId: randomUUID(), name: 'backup', parent };
        const ref = await volumes.createBackup(volume, backup);
        expect(await volumes.createBackup(volume, backup)).toEqual(ref);
        expect(await wait(() => volumes.getBackup(ref), rests)).toMatchObject({ status: 'ready' });
        return ref;
      };
      const full = await backed(null);
      const part = await backed(full);
      await volumes.destroy(volume);
      await wait(
        () => volumes.get(volume),
        (view) => view === null,
      );
      const anew = await made({ source: { backup: part, volume } });
      await twice(async () => {
        await volumes.restoreBackup(full, anew);
        await ready(anew);
      });
      expect(await ready(anew)).toMatchObject({ status: 'ready' });
      for (const one of [part, full]) {
        await twice(() => volumes.destroyBackup(one));
        expect(
          await wait(
            () => volumes.getBackup(one),
            (view) => view === null,
          ),
        ).toBeNull();
      }
    });
    promises('upload', 'an image with a size, once per id; deleted, twice', async () => {
      const volume = await made();
      const imageId = randomUUID();
      expect(await volumes.getUpload({ imageId, backendId: null })).toBeNull();
      await twice(() => volumes.upload(volume, { imageId, name: 'image', diskFormat: 'qcow2' }));
      const image = await wait(
        () => volumes.getUpload({ imageId, backendId: null }),
        (view) => view?.status !== 'saving',
      );
      expect(image).toMatchObject({ status: 'active', size: expect.any(Number) });
      const remove = driver.deleteSnapshot?.bind(driver);
      if (!remove) throw new Error(REFUSED);
      await twice(() => remove({ imageId, backendId: null }));
      expect(await volumes.getUpload({ imageId, backendId: null })).toBeNull();
    });
  });
};
