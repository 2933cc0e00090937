import { compute } from '@nefos/contracts';

/** What quotas limit, by the keys of contract compute §8.1; MB for ram, GB for gigabytes. */
export const QUOTA_RESOURCES = compute.QUOTA_KEYS;
export type QuotaResource = (typeof QUOTA_RESOURCES)[number];
/** Amounts of some resources. */
export type Amounts = Partial<Record<QuotaResource, number>>;
/** The limit that is none. */
export const UNLIMITED = -1;
/** Limits of a project for which none was set: those of Nova, Cinder and Neutron (contract compute §8.1). */
export const DEFAULT_LIMITS: Readonly<Record<QuotaResource, number>> = {
  instances: 10,
  cores: 20,
  ram: 51_200,
  key_pairs: 100,
  server_groups: 10,
  volumes: 10,
  gigabytes: 1000,
  snapshots: 10,
  backups: 10,
  network: 100,
  subnet: 100,
  port: 500,
  router: 10,
  floatingip: 50,
  security_group: 10,
  security_group_rule: 100,
};
export interface Quota {
  limit: number;
  /** What exists. */
  inUse: number;
  /** What is being made. */
  reserved: number;
}
export type Quotas = Record<QuotaResource, Quota>;
