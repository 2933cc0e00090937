import { Duplex } from 'node:stream';
import { DriverError, isPart, type ComputeDriver } from '../driver.js';

/** No call of a driver takes longer (contract compute §11.1). */
const LIMIT_MS = 30_000;

/** A connection that comes too late is nobody's. */
const closedIfLate = async (answer: Promise<unknown>, late: () => boolean): Promise<unknown> => {
  const found = await answer;
  if (found instanceof Duplex && late()) found.destroy();
  return found;
};

/**
 * Ends every call of a driver that takes too long with TIMEOUT. The call may have had its effect all the same: the
 * portal asks with `get`.
 */
export const boundedDriver = <T extends object = ComputeDriver>(driver: T, limitMs = LIMIT_MS): T =>
  new Proxy(driver, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name);
      if (isPart(name) && member !== undefined) return boundedDriver(member as object, limitMs);
      if (typeof member !== 'function') return member;
      return async (...args: unknown[]): Promise<unknown> => {
        let timer: NodeJS.Timeout | undefined;
        let late = false;
        const timeout = new Promise<never>((_resolve, reject) => {
          timer = setTimeout(() => {
            late = true;
            reject(new DriverError('TIMEOUT', `The hypervisor did not answer ${String(name)} in time.`));
          }, limitMs);
        });
        try {
          const answer = (member as (...all: unknown[]) => Promise<unknown>).apply(target, args);
          return await Promise.race([closedIfLate(answer, () => late), timeout]);
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
