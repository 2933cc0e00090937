import { readConfig } from '@nefos/service-kit';
import { z } from 'zod';

const zone = z.string().refine((name) => { try { new Intl.DateTimeFormat('en', { timeZone: name }); return true; } catch { return false; } }, 'is no time zone');
const flag = z.enum(['on', 'off', 'true', 'false', '1', '0']).transform((said) => said === 'on' || said === 'true' || said === '1');

/** Settings of this service beside the shared ones. */
const portalSettings = {
  NEFOS_COMPUTE_PORT: z.coerce.number().int().min(0).max(65535).default(8082),
  NEFOS_COMPUTE_DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).describe('database of this service'),
  NEFOS_COMPUTE_TOKEN: z.string().min(24).describe('component token: how the other services know this one'),
  NEFOS_METERING_URL: z.url({ protocol: /^https?$/ }).default('http://127.0.0.1:8083').transform((u) => u.replace(/\/+$/, '')).describe('where usage events are told'),
  NEFOS_COMPUTE_TIME_ZONE: zone.default('Europe/Bucharest').describe('zone of the timestamps shown'),
  NEFOS_COMPUTE_WORKER: flag.default(true).describe('run jobs and reconcilers in this process'),
  NEFOS_COMPUTE_AUTH_FAILURES: z.coerce.number().int().min(1).default(120).describe('refused credentials per minute and address before 429'),
};
/** Settings of the drivers and of instances' life. */
const cloudSettings = {};

export const readComputeConfig = (env?: NodeJS.ProcessEnv) => readConfig('compute', { ...portalSettings, ...cloudSettings }, env);
export type ComputeConfig = ReturnType<typeof readComputeConfig>;
