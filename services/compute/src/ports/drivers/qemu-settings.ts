import { z } from 'zod';

const file = z
  .string()
  .max(1000)
  .regex(/^\/[^\0]*$/, 'Enter an absolute path.');
/** What a region's row has for machines on this host (contract compute §11.5, docs/drivers.md). */
export const qemuSettings = z.strictObject({
  /** Where the region's machines are; absent: a directory of its own within NEFOS_COMPUTE_QEMU_DIR. */
  directory: file.optional(),
  /** What machines may have together. Absent: what the host has; of processors four times as many. */
  memory_mb: z.int().min(16).max(1_000_000_000).optional(),
  vcpus: z.int().min(1).max(1_000_000).optional(),
  disk_gb: z.int().min(1).max(1_000_000_000).optional(),
  /** Whether guests reach what the host reaches, its own services included. */
  outbound: z.boolean().default(false),
  /** Address and ports of the host that lead to ports of guests. */
  forward_address: z.ipv4('Enter a valid IPv4 address.').default('127.0.0.1'),
  forward_ports: z
    .strictObject({ first: z.int().min(1024).max(65_535), last: z.int().min(1024).max(65_535) })
    .refine(({ first, last }) => first <= last, 'first is not above last')
    .default({ first: 22_000, last: 22_999 }),
  /** Ports of the guest that get one of the host. */
  forward_to: z.array(z.int().min(1).max(65_535)).max(16).default([22]),
  /** Networks by their id, or the hypervisor's, and the host's bridge that machines are connected to. */
  bridges: z
    .record(z.string().min(1).max(255), z.string().regex(/^[A-Za-z0-9_.-]{1,15}$/, 'is no name of a bridge'))
    .default({}),
});
export type QemuSettings = z.infer<typeof qemuSettings>;
