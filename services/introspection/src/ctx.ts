import type { IdentityVerifier } from '@nefos/auth';
import type { Ctx, RequestCtx, SecretBox } from '@nefos/service-kit';
import type { Authenticate } from './authentication.js';
import type { IntrospectionConfig } from './config.js';
import type { PxeFilter } from './ports/pxe-filter.js';
import type { RamdiskLogs } from './ports/ramdisk-logs.js';
import type { Rate } from './reports/domain/rate.js';
import type { Admission } from './reports/domain/admission.js';
import type { ReportWorkers } from './reports/domain/report-workers.js';
import type { RunEnding } from './runs/run-ending.js';

/** What introspection's domain works with. */
export interface IntrospectionCtx extends Ctx {
  config: IntrospectionConfig;
  /** Seals the passwords of BMCs. */
  secrets: SecretBox;
  verifier: IdentityVerifier;
  authenticate: Authenticate;
  /** Who may send reports. */
  admission: Admission;
  /** How many unknown machines may become nodes. */
  enrollLimit: Rate;
  /** Logs of ramdisks; null: none are kept. */
  ramdiskLogs: RamdiskLogs | null;
  /** Which machines may boot the ramdisk. */
  pxeFilter: PxeFilter;
  /** Ends runs in batches; null: jobs do, as where nobody works beside the requests. */
  ending: RunEnding | null;
  /** Reads and processes them. */
  reports: ReportWorkers;
  /** The same for what BMCs say of their machines. */
  outOfBand: ReportWorkers;
}
export type IntrospectionRequest = RequestCtx<IntrospectionCtx>;
