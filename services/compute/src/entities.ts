import { outboxEvents, type AnyTable } from '@nefos/service-kit';
import { idempotencyKeys } from './access/store/idempotency.js';
import { clientUsers, portalTokens, portalUsers } from './access/tables.js';
import {
  flavorGroups,
  flavorProjects,
  flavors,
  hypervisors,
  imageData,
  imageMembers,
  images,
  networks,
  regions,
  regionStocks,
  resellerCatalogFlavors,
  resellerResources,
  subnets,
} from './catalog/tables.js';
import { deliveries } from './events/store/deliveries.js';
import { webhooks } from './events/store/webhooks.js';
import { eventLog, events } from './events/tables.js';
import { retiredClients } from './clients/store/clients.js';
import { clientGroupMembers, clientGroups } from './clients/store/groups.js';
import { clientOrders, productCycles, products } from './clients/store/products.js';
import { instances, operations, operationSecrets } from './operations/tables.js';
import {
  clientCredits,
  clients,
  configurations,
  currencies,
  projects,
  serviceCycles,
  services,
} from './owners/tables.js';
import { powerSchedules } from './schedules/store/power-schedules.js';
import { simAddresses, simFaults, simImages, simMachines, simVolumes } from './ports/drivers/sim-tables.js';
import { volumeAttachments, volumeBackups, volumeSnapshots, volumes, volumeTypes } from './volumes/tables.js';
import { fixtures } from './users/store/bootstrap.js';
import { userReservations } from './users/store/new-users.js';
import { portalSessions } from './users/store/sessions.js';
import { sshKeys } from './users/store/ssh-keys.js';
import { ssoLinks } from './users/store/sso-links.js';

/** All tables of this service, by area. */
export const entities = [
  // access
  portalUsers,
  clientUsers,
  portalTokens,
  idempotencyKeys,
  // owners
  clients,
  configurations,
  currencies,
  services,
  projects,
  clientCredits,
  serviceCycles,
  // users
  userReservations,
  portalSessions,
  ssoLinks,
  sshKeys,
  fixtures,
  // catalog
  regions,
  flavorGroups,
  flavors,
  flavorProjects,
  images,
  imageData,
  imageMembers,
  networks,
  subnets,
  resellerResources,
  resellerCatalogFlavors,
  hypervisors,
  regionStocks,
  // events
  events,
  eventLog,
  webhooks,
  deliveries,
  // operations, instances
  instances,
  operations,
  operationSecrets,
  // volumes
  volumeTypes,
  volumes,
  volumeAttachments,
  volumeSnapshots,
  volumeBackups,
  // schedules
  powerSchedules,
  // clients
  retiredClients,
  clientGroups,
  clientGroupMembers,
  products,
  productCycles,
  clientOrders,
  // the simulator
  simMachines,
  simAddresses,
  simFaults,
  simImages,
  simVolumes,
  // the kit
  outboxEvents,
] satisfies AnyTable[];
