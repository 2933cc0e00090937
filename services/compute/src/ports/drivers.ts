import type { Db } from '@nefos/service-kit';
import { boundedDriver } from './drivers/bounded-driver.js';
import type { ComputeDriver } from './driver.js';
import { createSimDriver } from './drivers/sim-driver.js';

/** The driver of each region. */
export interface Drivers {
  of(region: string): ComputeDriver;
}
export interface DriverSettings {
  NEFOS_COMPUTE_SIM_LATENCY_MS: { min: number; max: number };
  NEFOS_COMPUTE_SIM_HOSTS: readonly string[];
  NEFOS_COMPUTE_SIM_HOST_MEMORY_MB: number;
}

/** Simulated machines in every region, for now; a region's hosts carry its name. */
export const createDrivers = (db: Db, settings: DriverSettings): Drivers => {
  const known = new Map<string, ComputeDriver>();
  return {
    of: (region) => {
      let found = known.get(region);
      if (!found)
        known.set(
          region,
          (found = boundedDriver(
            createSimDriver(db, {
              region,
              latencyMs: settings.NEFOS_COMPUTE_SIM_LATENCY_MS,
              hosts: settings.NEFOS_COMPUTE_SIM_HOSTS.map((host) => `${region}-${host}`),
              hostMemoryMb: settings.NEFOS_COMPUTE_SIM_HOST_MEMORY_MB,
            }),
          )),
        );
      return found;
    },
  };
};
