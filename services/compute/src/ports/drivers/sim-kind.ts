import type { Db } from '@nefos/service-kit';
import { z } from 'zod';
import { createSimDriver, SIM_CAPABILITIES } from './sim-driver.js';
import { SIM_NETWORKS } from './sim-networks.js';

/** What a simulated region has that does not say otherwise. */
export interface SimDefaults {
  NEFOS_COMPUTE_SIM_LATENCY_MS: { min: number; max: number };
  NEFOS_COMPUTE_SIM_HOSTS: readonly string[];
  NEFOS_COMPUTE_SIM_HOST_MEMORY_MB: number;
}
const settings = z.strictObject({
  latency_ms: z
    .strictObject({ min: z.int().min(0).max(600_000), max: z.int().min(0).max(600_000) })
    .refine(({ min, max }) => min <= max, 'min is not above max')
    .optional(),
  hosts: z.array(z.string().min(1).max(255)).min(1).max(1000).optional(),
  host_memory_mb: z.int().min(1).max(1_000_000_000).optional(),
});

/** Simulated machines. A region's hosts have its name as their prefix. */
export const simKind = {
  settings,
  secrets: z.strictObject({}),
  audience: [],
  capabilities: SIM_CAPABILITIES,
  networks: SIM_NETWORKS,
  create: ({
    region,
    settings: own,
    db,
    process,
  }: {
    region: string;
    settings: z.infer<typeof settings>;
    db: Db;
    process: SimDefaults;
  }) =>
    createSimDriver(db, {
      region,
      latencyMs: own.latency_ms ?? process.NEFOS_COMPUTE_SIM_LATENCY_MS,
      hosts: (own.hosts ?? process.NEFOS_COMPUTE_SIM_HOSTS).map((host) => `${region}-${host}`),
      hostMemoryMb: own.host_memory_mb ?? process.NEFOS_COMPUTE_SIM_HOST_MEMORY_MB,
    }),
};
