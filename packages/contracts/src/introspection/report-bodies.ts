/** Bytes that the report of a machine may have: the logs of a ramdisk are in it (contract introspection §1.2). */
export const REPORT_BYTES = 32 * 1024 * 1024;
/** The requests that carry one. The gateway lets them through up to that size; other bodies have its usual limit. */
export const REPORTS = [
  { method: 'post', path: '/v1/continue' },
  { method: 'post', path: '/v1/introspection/:node/data/unprocessed' },
  { method: 'post', path: '/baremetal/v1/continue_inspection' },
] as const;
