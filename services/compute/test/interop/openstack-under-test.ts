import { DriverError, isPart, type ComputeDriver } from '../../src/ports/driver.js';
import { boundedDriver } from '../../src/ports/drivers/bounded-driver.js';
import { openstackKind } from '../../src/ports/drivers/openstack-kind.js';

/**
 * NEFOS_TEST_OPENSTACK: the region's settings, its secrets, its hosts, and `restart`, a command that kills the cloud's
 * services and starts them again.
 */
export const given = JSON.parse(process.env.NEFOS_TEST_OPENSTACK ?? '{}') as {
  settings: Record<string, unknown>;
  secrets: Record<string, unknown>;
  restart: string[];
  hosts: string[];
};
const REPETITIONS = 3;
/** As the portal does: a call that the cloud did not answer in time, on a busy machine, is repeated. */
const patient = <T extends object>(part: T): T =>
  new Proxy(part, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name);
      if (isPart(name) && member !== undefined) return patient(member as object);
      if (typeof member !== 'function') return member;
      return async (...args: unknown[]): Promise<unknown> => {
        for (let attempt = 1; ; attempt += 1)
          try {
            return await (member as (...all: unknown[]) => Promise<unknown>).apply(target, args);
          } catch (err) {
            if (!(err instanceof DriverError) || err.code !== 'TIMEOUT' || attempt === REPETITIONS) throw err;
            // eslint-disable-next-line no-console -- the reason why it is asked again
            console.log(`${String(name)} is asked again: ${err.message}`);
          }
      };
    },
  });
export const openCloud = (more: Record<string, unknown> = {}): ComputeDriver =>
  patient(
    boundedDriver(
      openstackKind.create({
        settings: openstackKind.settings.parse({ ...given.settings, ...more }),
        secrets: openstackKind.secrets.parse(given.secrets),
      }),
    ),
  );
