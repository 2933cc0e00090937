import type { IdentityVerifier } from '@nefos/auth';
import type { Ctx, Metrics, RequestCtx } from '@nefos/service-kit';
import type { User, Users } from './access/domain/users.js';

/** What metering's domain works with. */
export interface MeteringCtx extends Ctx {
  /** Whose X-RH-IDENTITY is trusted: addresses and CIDR ranges. */
  trustedPeers: readonly string[];
  /** The AWS account that customers trust, and the version that sysconfig answers. */
  awsAccountId: number;
  version: string | null;
  users: Users;
  verifier: IdentityVerifier;
  /** Counts events of our own cloud, by their verdict. */
  ingested: ReturnType<Metrics['counter']>;
  /** The metering user behind this request; authentication sets it. */
  user?: User;
}
export type MeteringRequest = RequestCtx<MeteringCtx>;
