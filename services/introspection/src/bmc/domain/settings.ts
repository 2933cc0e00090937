import type { IntrospectionConfig } from '../../config.js';

/** How BMCs are spoken to. */
export interface BmcSettings {
  /**
   * The only networks in which BMCs are contacted. null: all, but addresses of this machine, link-local ones (a cloud's
   * metadata), multicast and the like.
   */
  networks: readonly string[] | null;
  /** Certificates that `redfish_verify_ca` may name; null: none. */
  caDirectory: string | null;
  /** How long one answer of a BMC may take. */
  timeoutMs: number;
  /** How long a machine may take to be off, or on. */
  powerTimeoutSeconds: number;
  /** The program, a name or a path. */
  ipmitool: string;
  /** Least time between two commands to one BMC. */
  ipmiPauseMs: number;
}
export const bmcSettings = (config: IntrospectionConfig): BmcSettings => ({
  networks: config.NEFOS_INTROSPECTION_BMC_NETWORKS ?? null,
  caDirectory: config.NEFOS_INTROSPECTION_BMC_CA_DIRECTORY ?? null,
  timeoutMs: config.NEFOS_INTROSPECTION_BMC_TIMEOUT * 1000,
  powerTimeoutSeconds: config.NEFOS_INTROSPECTION_POWER_TIMEOUT,
  ipmitool: config.NEFOS_INTROSPECTION_IPMITOOL,
  ipmiPauseMs: config.NEFOS_INTROSPECTION_IPMI_PAUSE * 1000,
});
