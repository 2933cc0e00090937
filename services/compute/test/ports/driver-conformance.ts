import { randomUUID } from 'node:crypto';
import type { ComputeDriver, InstanceSpec, InstanceView, Ref } from '../../src/ports/driver.js';

export interface DriverUnderTest {
  driver: ComputeDriver;
  spec(more?: Partial<InstanceSpec>): InstanceSpec;
}

/** What every driver promises the portal (contract compute §11), asked of a real one. */
export const driverConformance = (name: string, open: () => DriverUnderTest): void => {
  describe(`${name} keeps the driver's promises`, () => {
    let driver: ComputeDriver;
    let spec: DriverUnderTest['spec'];
    beforeAll(() => {
      ({ driver, spec } = open());
    });
    const rests = async (ref: Ref): Promise<InstanceView | null> => {
      for (let i = 0; i < 500; i += 1) {
        const view = await driver.get(ref);
        if (!view || view.taskHint === undefined) return view;
        await new Promise((r) => {
          setTimeout(r, 20);
        });
      }
      throw new Error('the machine does not come to rest');
    };
    const running = async (more?: Partial<InstanceSpec>): Promise<Ref> => {
      const ref = await driver.create(spec(more));
      expect((await rests(ref))?.powerState).toBe(1);
      return ref;
    };
    const power = async (ref: Ref) => (await rests(ref))?.powerState;

    it('a new machine runs, has its host and one address per interface', async () => {
      const ref = await running();
      expect(ref.backendId).toBeTruthy();
      const view = await driver.get(ref);
      expect(view?.host).toBeTruthy();
      expect(view?.addresses).toEqual([
        expect.objectContaining({
          version: 4,
          type: 'fixed',
          mac: expect.stringMatching(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/),
        }),
      ]);
    });
    it('create: twenty at once with one id are one machine', async () => {
      const wanted = spec();
      const refs = await Promise.all(Array.from({ length: 20 }, () => driver.create(wanted)));
      expect(new Set(refs.map((ref) => ref.backendId)).size).toBe(1);
      const mine: string[] = [];
      for (let after: string | null = null; ;) {
        const views: InstanceView[] = await driver.list({ after, limit: 3 });
        mine.push(...views.filter((v) => v.ref.portalId === wanted.portalId).map((v) => v.ref.portalId));
        after = views.at(-1)?.ref.portalId ?? null;
        if (views.length < 3) break;
      }
      expect(mine).toHaveLength(1);
    });
    it('no two machines share an address', async () => {
      const refs = await Promise.all([running(), running(), running()]);
      const addresses = (await Promise.all(refs.map((ref) => driver.get(ref)))).flatMap(
        (view) => view?.addresses.map((a) => a.addr) ?? [],
      );
      expect(new Set(addresses).size).toBe(3);
    });
    it('stop, start, pause, suspend and their ways back; twice is once', async () => {
      const ref = await running();
      for (const [act, wanted] of [
        [() => driver.stop(ref, { graceSeconds: 1 }), [4]],
        [() => driver.start(ref), [1]],
        [() => driver.pause(ref), [3]],
        [() => driver.unpause(ref), [1]],
        [() => driver.suspend(ref), [4, 7]],
        [() => driver.resume(ref), [1]],
        [() => driver.reboot(ref, { type: 'SOFT', graceSeconds: 1 }), [1]],
        [() => driver.reboot(ref, { type: 'HARD', graceSeconds: 1 }), [1]],
      ] as const) {
        await act();
        expect(wanted).toContain(await power(ref));
        await act();
        expect(wanted).toContain(await power(ref));
      }
    });
    it('a hard reboot brings a stopped machine up', async () => {
      const ref = await running();
      await driver.stop(ref, { graceSeconds: 1 });
      expect(await power(ref)).toBe(4);
      await driver.reboot(ref, { type: 'HARD', graceSeconds: 1 });
      expect(await power(ref)).toBe(1);
    });
    it('destroy: the machine is gone, from the list too; a missing one is success', async () => {
      const ref = await running();
      await driver.destroy(ref);
      expect(await rests(ref)).toBeNull();
      await driver.destroy(ref);
      expect((await driver.list({ after: null, limit: 10_000 })).map((v) => v.ref.portalId)).not.toContain(
        ref.portalId,
      );
    });
    it('a machine that is not there: get says null, the rest NOT_FOUND', async () => {
      const ref = { portalId: randomUUID(), backendId: null };
      expect(await driver.get(ref)).toBeNull();
      await expect(driver.start(ref)).rejects.toMatchObject({ code: 'NOT_FOUND', retryable: false });
      await expect(driver.consoleLog(ref, 10)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    });
    it('the console log is text, and no longer than asked', async () => {
      const ref = await running();
      expect((await driver.consoleLog(ref, 2)).trimEnd().split('\n').length).toBeLessThanOrEqual(2);
    });
    it('capacity is a number of machines, or unknown', async () => {
      const room = await driver.capacity(spec().flavor);
      expect(room === null || room > 0).toBe(true);
    });
  });
};
