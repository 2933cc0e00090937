import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type {
  ComputeDriver,
  DriverAction,
  FlavorSpec,
  ImageSpec,
  InstanceSpec,
  InstanceView,
  Ref,
} from '../../src/ports/driver.js';

export interface DriverUnderTest {
  driver: ComputeDriver;
  spec(more?: Partial<InstanceSpec>): InstanceSpec;
  /** A larger size than that of `spec`; absent: the same with twice the memory. */
  larger?: FlavorSpec;
  /** An image to rebuild from or to rescue with; absent: that of `spec`. */
  image?: ImageSpec;
  iso?: ImageSpec;
  /** Where a machine is to go from its host; null or absent: the hypervisor chooses another one. */
  otherHost?: (host: string | undefined) => string | null;
  /** What the hypervisor of the test can not show, though the driver can do it, and why. */
  lacks?: Partial<Record<DriverAction, string>>;
  /** Ends when the guest is up: for what needs its help. */
  booted?(ref: Ref): Promise<unknown>;
}
const LIVE_CALLS = 'a driver that has the action has the call';

/** What every driver promises the portal (contract compute §11), asked of a real one. */
export const driverConformance = (name: string, open: () => DriverUnderTest): void => {
  describe(`${name} keeps the driver's promises`, () => {
    let driver: ComputeDriver;
    let spec: DriverUnderTest['spec'];
    let given: DriverUnderTest;
    beforeAll(() => {
      given = open();
      ({ driver, spec } = given);
    });
    /** A promise of drivers that can do the action; the others say that they can not. */
    const promises = (action: DriverAction, title: string, work: () => Promise<void>): void =>
      it(`${action}: ${title}`, async () => {
        const why = driver.capabilities.actions.has(action)
          ? given.lacks?.[action]
          : 'the driver says that it can not do it';
        if (why === undefined) return work();
        // eslint-disable-next-line no-console -- the reason why nothing was asked
        console.log(`${name}: ${action} is not asked: ${why}`);
        return undefined;
      });
    const have = <T>(call: T | undefined): T => {
      if (call === undefined) throw new Error(LIVE_CALLS);
      return call;
    };
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
    const image = (): ImageSpec => given.image ?? { id: spec().imageId ?? randomUUID(), diskFormat: 'qcow2' };
    const larger = (): FlavorSpec => given.larger ?? { ...spec().flavor, memoryMb: spec().flavor.memoryMb * 2 };
    const state = async (ref: Ref) => {
      const view = await rests(ref);
      return [view?.powerState, view?.mode];
    };
    const twice = async (act: () => Promise<unknown>): Promise<void> => {
      await act();
      await act();
    };
    const stopped = async (): Promise<Ref> => {
      const ref = await running();
      await driver.stop(ref, { graceSeconds: 1 });
      expect(await power(ref)).toBe(4);
      return ref;
    };

    for (const wanted of [1, 4] as const)
      promises('resize', `there and back, there and confirmed, from power state ${wanted}; twice is once`, async () => {
        const ref = await (wanted === 1 ? running() : stopped());
        const before = await driver.get(ref);
        for (const end of ['revertResize', 'confirmResize'] as const) {
          await twice(() => have(driver.resize?.bind(driver))(ref, larger(), { graceSeconds: 1 }));
          expect(await state(ref)).toEqual([wanted, 'resized']);
          await twice(() => have(driver[end]?.bind(driver))(ref, { graceSeconds: 1 }));
          expect(await state(ref)).toEqual([wanted, undefined]);
        }
        expect((await driver.get(ref))?.addresses).toEqual(before?.addresses);
      });
    promises('rescue', 'a rescue system runs, and then the machine again; twice is once', async () => {
      for (const ref of [await running(), await stopped()]) {
        await twice(() => have(driver.rescue?.bind(driver))(ref, { image: null, iso: false, password: 'secret' }));
        expect(await state(ref)).toEqual([1, 'rescued']);
        await twice(() => have(driver.unrescue?.bind(driver))(ref));
        expect(await state(ref)).toEqual([1, undefined]);
      }
    });
    promises('boot_from_iso', 'an ISO image runs, and then the machine again', async () => {
      const ref = await running();
      const iso = given.iso ?? { id: randomUUID(), diskFormat: 'iso' };
      await twice(() => have(driver.rescue?.bind(driver))(ref, { image: iso, iso: true, password: null }));
      expect(await state(ref)).toEqual([1, 'rescued']);
      await have(driver.unrescue?.bind(driver))(ref);
      expect(await state(ref)).toEqual([1, undefined]);
    });
    promises('rebuild', 'addresses stay, what is stopped stays stopped; once per key', async () => {
      for (const [ref, wanted] of [
        [await running(), 1],
        [await stopped(), 4],
      ] as const) {
        const before = await driver.get(ref);
        const key = randomUUID();
        await twice(() => have(driver.rebuild?.bind(driver))(ref, { key, name: 'anew', image: image(), guest: {} }));
        expect(await state(ref)).toEqual([wanted, undefined]);
        expect((await driver.get(ref))?.addresses).toEqual(before?.addresses);
      }
    });
    promises('snapshot', 'an image with a size, once per id, that outlives the machine; deleted, twice', async () => {
      const ref = await running();
      const imageId = randomUUID();
      expect(await have(driver.getSnapshot?.bind(driver))(ref, { imageId, backendId: null })).toBeNull();
      await twice(() => have(driver.snapshot?.bind(driver))(ref, { imageId, name: 'image' }));
      const look = () => have(driver.getSnapshot?.bind(driver))(ref, { imageId, backendId: null });
      for (let i = 0; i < 500 && (await look())?.status === 'saving'; i += 1)
        await new Promise((r) => {
          setTimeout(r, 20);
        });
      expect(await look()).toEqual({ status: 'active', backendId: expect.any(String), size: expect.any(Number) });
      expect(await state(ref)).toEqual([1, undefined]);
      await driver.destroy(ref);
      await rests(ref);
      expect((await look())?.status).toBe('active');
      await twice(() => have(driver.deleteSnapshot?.bind(driver))({ imageId, backendId: null }));
      expect(await look()).toBeNull();
    });
    promises('change_password', 'the machine runs on', async () => {
      const ref = await running();
      await given.booted?.(ref);
      await twice(() => have(driver.setPassword?.bind(driver))(ref, 'another secret'));
      expect(await state(ref)).toEqual([1, undefined]);
    });
    promises('rename', 'another name, running, stopped and gone; twice is once', async () => {
      const ref = await running();
      expect((await driver.get(ref))?.name).toBe(spec().name);
      const rename = (name: string) => have(driver.rename?.bind(driver))(ref, name);
      await twice(() => rename('another name'));
      expect(await driver.get(ref)).toMatchObject({ name: 'another name', powerState: 1 });
      await driver.stop(ref, { graceSeconds: 1 });
      await rename('a third');
      expect(await power(ref)).toBe(4);
      expect((await driver.get(ref))?.name).toBe('a third');
      await driver.destroy(ref);
      await rests(ref);
      await expect(rename('none')).rejects.toMatchObject({ code: 'NOT_FOUND', retryable: false });
    });
    promises('migrate', 'another host, to be confirmed or reverted', async () => {
      const ref = await running();
      const host = (await driver.get(ref))?.host;
      const to = given.otherHost?.(host) ?? null;
      const migrate = () => have(driver.migrate?.bind(driver))(ref, { live: false, host: to });
      await twice(migrate);
      expect(await state(ref)).toEqual([1, 'resized']);
      expect((await driver.get(ref))?.host).not.toBe(host);
      await have(driver.revertResize?.bind(driver))(ref, { graceSeconds: 1 });
      expect(await state(ref)).toEqual([1, undefined]);
      expect((await driver.get(ref))?.host).toBe(host);
      await migrate();
      expect(await state(ref)).toEqual([1, 'resized']);
      await have(driver.confirmResize?.bind(driver))(ref);
      expect(await state(ref)).toEqual([1, undefined]);
      expect((await driver.get(ref))?.host).not.toBe(host);
    });
    promises('live_migrate', 'another host while it runs; aborting what is done changes nothing', async () => {
      const ref = await running();
      const host = (await driver.get(ref))?.host;
      await have(driver.migrate?.bind(driver))(ref, { live: true, host: null });
      expect(await state(ref)).toEqual([1, undefined]);
      const other = (await driver.get(ref))?.host;
      expect(other).not.toBe(host);
      await twice(() => have(driver.abortMigration?.bind(driver))(ref));
      expect((await driver.get(ref))?.host).toBe(other);
    });
    promises('counters', 'of each interface, growing while it runs; of many at once the same', async () => {
      const ref = await running();
      const read = () => have(driver.counters?.bind(driver))(ref);
      const first = await read();
      const macs = (await driver.get(ref))?.addresses.map(({ mac }) => mac) ?? [];
      expect(first.map(({ mac }) => mac).sort()).toEqual([...new Set(macs)].sort());
      const [second] = [await read()];
      for (const [at, one] of second.entries()) {
        expect(one.rx >= (first[at]?.rx ?? 0n) && one.tx >= (first[at]?.tx ?? 0n)).toBe(true);
        expect(typeof one.rx).toBe('bigint');
      }
      const unknown = { portalId: randomUUID(), backendId: null };
      const many = await driver.countersOf?.([ref, unknown]);
      if (many) expect([...many.keys()]).toEqual([ref.portalId]);
    });
    promises('shelve', 'on no host, and back with its addresses; twice is once', async () => {
      const ref = await running();
      const before = await driver.get(ref);
      await twice(() => have(driver.shelve?.bind(driver))(ref));
      expect((await state(ref))[1]).toBe('shelved');
      expect((await driver.get(ref))?.host).toBeUndefined();
      await twice(() => have(driver.unshelve?.bind(driver))(ref));
      expect(await state(ref)).toEqual([1, undefined]);
      expect((await driver.get(ref))?.addresses).toEqual(before?.addresses);
    });
    promises('console', 'of a machine that runs: where it is shown, or its bytes; of no other', async () => {
      const open = (ref: Ref, type: 'vnc' | 'serial') =>
        have<NonNullable<typeof driver.openConsole | typeof driver.connectConsole>>(
          driver.openConsole?.bind(driver) ?? driver.connectConsole?.bind(driver),
        )(ref, type);
      const ref = await running();
      for (const type of ['vnc', 'serial'] as const) {
        const shown = await open(ref, type).catch((err: unknown) => {
          expect(err).toMatchObject({ code: 'UNSUPPORTED' });
          return undefined;
        });
        if (shown && 'url' in shown) expect(shown.url).toMatch(/^https?:/);
        else if (shown) {
          const [first] = (await once(shown, 'data')) as [Buffer];
          if (type === 'vnc') expect(first.toString('latin1')).toMatch(/^RFB 003\.00[378]\n$/);
          shown.destroy();
        }
      }
      await expect(open({ portalId: randomUUID(), backendId: null }, 'vnc')).rejects.toMatchObject({
        code: 'NOT_FOUND',
      });
      // A cloud that shows consoles itself gives an address, whatever is behind it.
      if (driver.openConsole) return;
      await driver.stop(ref, { graceSeconds: 1 });
      await rests(ref);
      await expect(open(ref, 'vnc')).rejects.toMatchObject({ code: 'INVALID_STATE' });
    });
    it('what the capabilities name, the driver has a call for', () => {
      const { actions } = driver.capabilities;
      for (const [action, call] of [
        ['resize', driver.resize],
        ['rescue', driver.rescue],
        ['rebuild', driver.rebuild],
        ['snapshot', driver.snapshot],
        ['change_password', driver.setPassword],
        ['rename', driver.rename],
        ['shelve', driver.shelve],
        ['console', driver.openConsole ?? driver.connectConsole],
        ['attach_volume', driver.attachVolume],
        ['attach_port', driver.attachPort],
      ] as const)
        if (actions.has(action)) expect([action, typeof call]).toEqual([action, 'function']);
    });
  });
};
