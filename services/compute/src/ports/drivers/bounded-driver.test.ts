import { boundedDriver } from './bounded-driver.js';
import { DriverError, type ComputeDriver } from '../driver.js';

describe('a bounded driver', () => {
  const ref = { portalId: 'x', backendId: null };
  const driver = {
    kind: 'sim',
    start: () => new Promise(() => undefined),
    get: async () => Promise.resolve(null),
    stop: async () => Promise.reject(new DriverError('CONFLICT', 'no')),
    pause: async () => Promise.reject(new TypeError('servers is undefined')),
  } as unknown as ComputeDriver;

  it('turns silence into a TIMEOUT that is worth a repetition', async () => {
    await expect(boundedDriver(driver, 20).start(ref)).rejects.toMatchObject({ code: 'TIMEOUT', retryable: true });
  });
  it('makes an error of its own of what is none: an operation ends by it', async () => {
    await expect(boundedDriver(driver, 20).pause(ref)).rejects.toMatchObject({ code: 'INTERNAL', retryable: false });
  });
  it('changes neither answers nor refusals', async () => {
    const bounded = boundedDriver(driver, 20);
    expect([bounded.kind, await bounded.get(ref)]).toEqual(['sim', null]);
    await expect(bounded.stop(ref, { graceSeconds: 0 })).rejects.toThrow('no');
  });
});
