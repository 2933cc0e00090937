import type { ComputeDriver } from '../../src/ports/driver.js';
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
export const openCloud = (more: Record<string, unknown> = {}): ComputeDriver =>
  boundedDriver(
    openstackKind.create({
      settings: openstackKind.settings.parse({ ...given.settings, ...more }),
      secrets: openstackKind.secrets.parse(given.secrets),
    }),
  );
