import type { Ctx, Metrics, RequestCtx } from '@nefos/service-kit';
import type { User, Users } from './access/domain/users.js';
import type { Verifier } from './ports/verifier.js';

/** What metering's domain works with. */
export interface MeteringCtx extends Ctx {
  /** Whose X-RH-IDENTITY is believed: addresses and CIDR ranges. */
  trustedPeers: readonly string[];
  /** The AWS account that customers trust, and the version that sysconfig tells. */
  awsAccountId: number;
  version: string | null;
  users: Users;
  verifier: Verifier;
  /** Events of our own cloud, by what became of them. */
  ingested: ReturnType<Metrics['counter']>;
  /** The metering user behind this request; authentication sets it. */
  user?: User;
}
export type MeteringRequest = RequestCtx<MeteringCtx>;
