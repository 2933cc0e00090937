/** How BMCs are spoken to; from the configuration. */
export interface BmcSettings {
  /**
   * NEFOS_INTROSPECTION_BMC_NETWORKS: the only networks in which BMCs are contacted, as `10.0.0.0/8`. null: all, but
   * addresses of this machine, link-local ones (a cloud's metadata), multicast and the like.
   */
  networks: readonly string[] | null;
  /** NEFOS_INTROSPECTION_BMC_CA_DIRECTORY: certificates that `redfish_verify_ca` may name; null: none. */
  caDirectory: string | null;
  /** NEFOS_INTROSPECTION_BMC_TIMEOUT_SECONDS, in milliseconds: how long one call of a BMC may take. */
  timeoutMs: number;
  /** NEFOS_INTROSPECTION_IPMITOOL: the program, a name or a path. */
  ipmitool: string;
  /** NEFOS_INTROSPECTION_IPMI_PAUSE_SECONDS, in milliseconds: least time between two commands to one BMC. */
  ipmiPauseMs: number;
}
