import type { Authenticator, TokenVerifier } from '@nefos/auth';
import type { Ctx, RequestCtx, SecretBox } from '@nefos/service-kit';
import type { ComputeConfig } from './config.js';
import type { Caller, Callers } from './access/domain/callers.js';
import type { Claim } from './access/domain/claim.js';
import type { Throttle } from './access/domain/throttle.js';
import type { OpenConsoles } from './consoles/domain/open-consoles.js';
import type { ProjectClients } from './facade/domain/project-clients.js';
import type { Scope } from './facade/scope.js';
import type { EventStreams } from './events/domain/streams.js';
import type { Drivers } from './ports/drivers.js';
import type { IdentityPort } from './ports/identity.js';
import type { WebhookReceivers } from './ports/webhook-receiver.js';
import type { ImageSource } from './ports/image-source.js';
import type { ImageStore } from './ports/image-store.js';

/** What compute's domain works with. */
export interface ComputeCtx extends Ctx {
  config: ComputeConfig;
  /** Who sends a request, by its token. */
  authenticator: Authenticator;
  /** The same for OpenStack's face: by `X-Auth-Token`. */
  faceAuthenticator: Authenticator;
  /** Whose project it is. */
  projectClients: ProjectClients;
  /** What is remembered of tokens. */
  verifier: Pick<TokenVerifier, 'forgetAuditId'>;
  /** What is remembered of identity's sessions, by their public names. */
  sessions: Pick<TokenVerifier, 'verify' | 'forget'>;
  /** Users and tokens, which identity keeps. */
  identity: IdentityPort;
  /** The hypervisors, by region. */
  drivers: Drivers;
  /** Seals and opens the secrets that are stored. */
  secrets: SecretBox;
  /** The data of images. */
  images: ImageStore;
  /** Where images are imported from. */
  imageSource: ImageSource;
  /** Portal users of the last seconds. */
  callers: Callers;
  /** Open streams of events of this process. */
  streams: EventStreams;
  /** Open consoles of this process. */
  consoles: OpenConsoles;
  /** Where webhooks are sent. */
  receivers: WebhookReceivers;
  /** Counts refused credentials per address. */
  failures: Throttle;
  /** The claim of the request's Idempotency-Key, while the request is carried out. */
  claim?: Claim;
  /** The portal user behind this request; authentication sets it. */
  caller?: Caller;
  /** Of a request to OpenStack's face: the token's project; authentication sets it. */
  scope?: Scope;
  /** Minor part of the microversion that such a request asks for. */
  microversion?: number;
}
export type ComputeRequest = RequestCtx<ComputeCtx>;
