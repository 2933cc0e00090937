/** What quotas limit, by the keys of contract compute §8.1; MB for ram, GB for gigabytes. */
export const QUOTA_RESOURCES = [
  'instances',
  'cores',
  'ram',
  'key_pairs',
  'server_groups',
  'volumes',
  'gigabytes',
  'snapshots',
  'backups',
  'network',
  'subnet',
  'port',
  'router',
  'floatingip',
  'security_group',
  'security_group_rule',
] as const;
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
