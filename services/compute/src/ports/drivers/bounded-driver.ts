import { DriverError, type ComputeDriver } from '../driver.js';

/** What a driver promises to keep to (contract compute §11.1). */
const LIMIT_MS = 30_000;

/** Holds a driver to its promise: a call that has not answered by then is a TIMEOUT, whether it had an effect or not, and is asked about again. */
export const boundedDriver = (driver: ComputeDriver, limitMs = LIMIT_MS): ComputeDriver =>
  new Proxy(driver, {
    get: (target, name) => {
      const found: unknown = Reflect.get(target, name);
      if (typeof found !== 'function') return found;
      return async (...args: unknown[]): Promise<unknown> => {
        let timer: NodeJS.Timeout | undefined;
        const late = new Promise<never>((_resolve, reject) => {
          timer = setTimeout(
            () => reject(new DriverError('TIMEOUT', `The hypervisor did not answer ${String(name)} in time.`)),
            limitMs,
          );
        });
        try {
          return await Promise.race([(found as (...all: unknown[]) => Promise<unknown>).apply(target, args), late]);
        } finally {
          clearTimeout(timer);
        }
      };
    },
  });
