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

/** Simulated machines in every region, for now. A region's hosts have its name as their prefix. */
export const createDrivers = (db: Db, settings: DriverSettings): Drivers => {
  const byRegion = new Map<string, ComputeDriver>();
  const create = (region: string): ComputeDriver =>
    boundedDriver(
      createSimDriver(db, {
        region,
        latencyMs: settings.NEFOS_COMPUTE_SIM_LATENCY_MS,
        hosts: settings.NEFOS_COMPUTE_SIM_HOSTS.map((host) => `${region}-${host}`),
        hostMemoryMb: settings.NEFOS_COMPUTE_SIM_HOST_MEMORY_MB,
      }),
    );
  return {
    of: (region) => {
      const driver = byRegion.get(region) ?? create(region);
      byRegion.set(region, driver);
      return driver;
    },
  };
};
