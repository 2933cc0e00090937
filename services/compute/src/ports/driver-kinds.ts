import type { Db, Log } from '@nefos/service-kit';
import type { z } from 'zod';
import type { Capabilities, ComputeDriver } from './driver.js';
import type { NetworkAbilities } from './driver-networks.js';
import { openstackKind } from './drivers/openstack-kind.js';
import { qemuKind, type QemuDefaults } from './drivers/qemu-kind.js';
import { simKind, type SimDefaults } from './drivers/sim-kind.js';

/** Settings of the process that drivers go by; a region's own come before them. */
export interface DriverSettings extends SimDefaults, QemuDefaults {
  /** Where the data of images is; absent: machines of this process are made of none. */
  NEFOS_COMPUTE_IMAGE_DIR?: string;
}
/** What a driver is made from. */
export interface DriverContext<S = unknown, X = unknown> {
  region: string;
  settings: S;
  secrets: X;
  db: Db;
  log: Log;
  process: DriverSettings;
  /** Where a program on this host can read the data of an image; null: it can not. */
  imageFile: (imageId: string) => Promise<string | null>;
}
/** A kind of driver: docs/drivers.md says how to add one. */
export interface DriverKindSpec<S = unknown, X = unknown> {
  /** What a region's row holds for the driver. */
  settings: z.ZodType<S>;
  /** What it holds sealed; an empty object: none. */
  secrets: z.ZodType<X>;
  /** Settings that say whom the secrets are shown to: who changes one gives the secrets anew. */
  audience: readonly string[];
  capabilities: Capabilities;
  /** Where the settings say more: as they are stored, also when they do not hold. */
  capabilitiesBy?(settings: unknown): Capabilities;
  /** What it can do of the network; absent: nothing. */
  networks?: NetworkAbilities;
  /** What settings and secrets must hold together. */
  together?(settings: S, secrets: X, process: DriverSettings): { path: (string | number)[]; text: string }[];
  create(context: DriverContext<S, X>): ComputeDriver;
}
const kind = <S, X>(spec: DriverKindSpec<S, X>): DriverKindSpec => spec;

/** By the word in `region.driver`. */
export const KINDS: Readonly<Record<string, DriverKindSpec>> = {
  sim: kind(simKind),
  openstack: kind(openstackKind),
  qemu: kind(qemuKind),
};
