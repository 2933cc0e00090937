import { randomUUID } from 'node:crypto';
import type { ComputeDriver, ForeignMachine } from '../../src/ports/driver.js';

export interface AdoptionUnderTest {
  driver: ComputeDriver;
  /** Makes a machine that bears no id of ours. @returns the hypervisor's id of it */
  foreign(): Promise<string>;
}
/** What a driver with `hosts` promises the portal (contract compute §8.1, §8.3). */
export const hostsConformance = (name: string, open: () => ComputeDriver): void => {
  describe(`${name} tells of its hosts`, () => {
    it('each has its own id and name; nothing used is negative', async () => {
      const hosts = (await open().hosts?.()) ?? [];
      expect(hosts.length).toBeGreaterThan(0);
      expect(new Set(hosts.map(({ id }) => id)).size).toBe(hosts.length);
      for (const host of hosts) {
        expect(host.hostName).not.toBe('');
        for (const number of [host.vcpusUsed, host.memoryMbUsed, host.localGbUsed, host.runningVms])
          expect(Number.isSafeInteger(number) && number >= 0).toBe(true);
      }
      expect((await open().hosts?.())?.map(({ id }) => id)).toEqual(hosts.map(({ id }) => id));
    });
  });
};
/** What a driver that names `adopt` promises the portal (contract compute §14 row 17). */
export const adoptionConformance = (name: string, open: () => AdoptionUnderTest): void => {
  describe(`${name} gives machines away`, () => {
    const all = async (driver: ComputeDriver, limit: number): Promise<ForeignMachine[]> => {
      const found: ForeignMachine[] = [];
      for (let after: string | null = null; ;) {
        const page: ForeignMachine[] = (await driver.listForeign?.({ after, limit })) ?? [];
        found.push(...page);
        after = page.at(-1)?.backendId ?? null;
        if (page.length < limit) return found;
      }
    };
    it('a foreign machine is listed, in pages, and is none of ours', async () => {
      const { driver, foreign } = open();
      expect(driver.capabilities.actions.has('adopt')).toBe(true);
      const ids = [await foreign(), await foreign(), await foreign()];
      const listed = (await all(driver, 2)).map(({ backendId }) => backendId);
      expect(listed).toEqual(expect.arrayContaining(ids));
      expect(new Set(listed).size).toBe(listed.length);
      const ours = await driver.list({ after: null, limit: 10_000 });
      for (const { ref } of ours) expect(ids).not.toContain(ref.backendId);
      expect(await driver.getForeign?.(ids[0] as string)).toMatchObject({ backendId: ids[0], powerState: 1 });
    });
    it('adopt: from then on it is the machine of our id; twice is once', async () => {
      const { driver, foreign } = open();
      const backendId = await foreign();
      const portalId = randomUUID();
      for (let i = 0; i < 2; i += 1) await driver.adopt?.({ portalId, backendId });
      expect(await driver.get({ portalId, backendId })).toMatchObject({ ref: { portalId, backendId }, powerState: 1 });
      expect(await driver.getForeign?.(backendId)).toBeNull();
      await expect(driver.adopt?.({ portalId: randomUUID(), backendId })).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await driver.destroy({ portalId, backendId });
      for (let i = 0; i < 500 && (await driver.get({ portalId, backendId })); i += 1)
        await new Promise((r) => {
          setTimeout(r, 20);
        });
      expect(await driver.get({ portalId, backendId })).toBeNull();
    });
    it('a machine that is not there, or of no sensible id', async () => {
      const { driver } = open();
      for (const backendId of [randomUUID(), 'nothing', '']) {
        expect(await driver.getForeign?.(backendId)).toBeNull();
        await expect(driver.adopt?.({ portalId: randomUUID(), backendId })).rejects.toMatchObject({
          code: 'NOT_FOUND',
          retryable: false,
        });
      }
    });
  });
};
