import { Portal1763600000000 } from './1763600000000-portal.js';
import { Cloud1763600001000 } from './1763600001000-cloud.js';
import { MembershipOrder1763600015000 } from './1763600015000-membership-order.js';
import { RetiredClients1763600002000 } from './1763600002000-retired-clients.js';
import { OutboxSetAside1763600003000 } from './1763600003000-outbox-set-aside.js';
import { ExactReplies1764300000000 } from './1764300000000-exact-replies.js';
import { FoldedText1764300001000 } from './1764300001000-folded-text.js';
import { OneState1764100000000 } from './1764100000000-one-state.js';
import { CatalogWrites1764600000000 } from './1764600000000-catalog-writes.js';
import { Events1764640000000 } from './1764640000000-events.js';
import { Webhooks1764640001000 } from './1764640001000-webhooks.js';
import { PowerSchedules1764640002000 } from './1764640002000-power-schedules.js';
import { SsoLinks1764300002000 } from './1764300002000-sso-links.js';
import { Actions1764620000000 } from './1764620000000-actions.js';
import { ImageData1764610000000 } from './1764610000000-image-data.js';
import { SshKeys1764610001000 } from './1764610001000-ssh-keys.js';
import { BackupSchedules1764720000000 } from './1764720000000-backup-schedules.js';
import { MeteredResources1764720001000 } from './1764720001000-metered-resources.js';
import { Traffic1764720002000 } from './1764720002000-traffic.js';
import { Mended1764720003000 } from './1764720003000-mended.js';
import { Quotas1764660000000 } from './1764660000000-quotas.js';
import { Consoles1764730000000 } from './1764730000000-consoles.js';
import { Volumes1764700000000 } from './1764700000000-volumes.js';
import { RegionDrivers1764630000000 } from './1764630000000-region-drivers.js';
import { Networking1764710000000 } from './1764710000000-networking.js';
import { GoneSubnets1764710001000 } from './1764710001000-gone-subnets.js';
import { Speed1764750000000 } from './1764750000000-speed.js';
import { KnownGroups1764760000000 } from './1764760000000-known-groups.js';
import { LongerLists1764773000000 } from './1764773000000-longer-lists.js';
import { ProjectSync1764901000000 } from './1764901000000-project-sync.js';
import { NetworkTurns1764774000000 } from './1764774000000-network-turns.js';
import { ServerRecords1764902000000 } from './1764902000000-server-records.js';
import { NetworkLabels1764904000000 } from './1764904000000-network-labels.js';
import { RouterPorts1764904100000 } from './1764904100000-router-ports.js';
import { HiddenImages1764905000000 } from './1764905000000-hidden-images.js';
import { VolumeLabels1764907000000 } from './1764907000000-volume-labels.js';
import { MigrationList1764908000000 } from './1764908000000-migration-list.js';
import { ImageOrders1764910000000 } from './1764910000000-image-orders.js';
import { AttachmentTags1764911000000 } from './1764911000000-attachment-tags.js';
import { LockReasons1764912000000 } from './1764912000000-lock-reasons.js';

/** Oldest first; a merged one is never changed. */
export const migrations = [
  Portal1763600000000,
  Cloud1763600001000,
  RetiredClients1763600002000,
  OutboxSetAside1763600003000,
  MembershipOrder1763600015000,
  OneState1764100000000,
  ExactReplies1764300000000,
  FoldedText1764300001000,
  SsoLinks1764300002000,
  CatalogWrites1764600000000,
  ImageData1764610000000,
  SshKeys1764610001000,
  Actions1764620000000,
  RegionDrivers1764630000000,
  Events1764640000000,
  Webhooks1764640001000,
  PowerSchedules1764640002000,
  Quotas1764660000000,
  Volumes1764700000000,
  Networking1764710000000,
  GoneSubnets1764710001000,
  BackupSchedules1764720000000,
  MeteredResources1764720001000,
  Traffic1764720002000,
  Mended1764720003000,
  Consoles1764730000000,
  Speed1764750000000,
  KnownGroups1764760000000,
  LongerLists1764773000000,
  NetworkTurns1764774000000,
  ProjectSync1764901000000,
  ServerRecords1764902000000,
  NetworkLabels1764904000000,
  RouterPorts1764904100000,
  HiddenImages1764905000000,
  VolumeLabels1764907000000,
  MigrationList1764908000000,
  ImageOrders1764910000000,
  AttachmentTags1764911000000,
  LockReasons1764912000000,
];
