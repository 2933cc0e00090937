import { boundedDriver } from './bounded-driver.js';
import type { ComputeDriver } from '../driver.js';

describe('a bounded driver', () => {
  const ref = { portalId: 'x', backendId: null };
  const driver = {
    kind: 'sim',
    start: () => new Promise(() => undefined),
    get: async () => Promise.resolve(null),
    stop: async () => Promise.reject(new Error('no')),
  } as unknown as ComputeDriver;

  it('turns silence into a TIMEOUT that is worth a repetition', async () => {
    await expect(boundedDriver(driver, 20).start(ref)).rejects.toMatchObject({ code: 'TIMEOUT', retryable: true });
  });
  it('changes neither answers nor refusals', async () => {
    const bounded = boundedDriver(driver, 20);
    expect([bounded.kind, await bounded.get(ref)]).toEqual(['sim', null]);
    await expect(bounded.stop(ref, { graceSeconds: 0 })).rejects.toThrow('no');
  });
});
