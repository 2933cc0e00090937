import { DriverError, type ComputeDriver } from '../driver.js';

/** No call of a driver takes longer (contract compute §11.1). */
const LIMIT_MS = 30_000;

/**
 * Ends every call of a driver that takes too long with TIMEOUT. The call may have had its effect all the same: the
 * portal asks with `get`.
 */
export const boundedDriver = (driver: ComputeDriver, limitMs = LIMIT_MS): ComputeDriver => {
  const volumes = driver.volumes && bounded(driver.volumes, limitMs);
  return bounded(driver, limitMs, { volumes });
};
const bounded = <T extends object>(driver: T, limitMs: number, inner: Record<string, unknown> = {}): T =>
  new Proxy(driver, {
    get: (target, name) => {
      const member: unknown = inner[name as string] ?? Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      return async (...args: unknown[]): Promise<unknown> => {
        let timer: NodeJS.Timeout | undefined;
        const timeout = new Promise<never>((_resolve, reject) => {
          timer = setTimeout(
            () => reject(new DriverError('TIMEOUT', `The hypervisor did not answer ${String(name)} in time.`)),
            limitMs,
          );
        });
        try {
          return await Promise.race([(member as (...all: unknown[]) => Promise<unknown>).apply(target, args), timeout]);
        } catch (err) {
          // An answer of another form than was expected: an operation has to end by it. Other errors, such as those of
          // the simulator's database, pass by.
          if (!(err instanceof TypeError)) throw err;
          throw new DriverError('INTERNAL', 'The hypervisor gave an answer that can not be used.', { cause: err });
        } finally {
          clearTimeout(timer);
        }
      };
    },
  });
