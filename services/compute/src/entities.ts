import { networkLabels } from './facade-network/tables.js';
import { serverRecords } from './facade-compute/tables.js';
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
import { consoleTokens } from './consoles/store/console-tokens.js';
import { retiredClients } from './clients/store/clients.js';
import { clientGroupMembers, clientGroups } from './clients/store/groups.js';
import { clientOrders, productCycles, products } from './clients/store/products.js';
import {
  floatingIps,
  networkAddresses,
  networkSyncs,
  ports,
  portSecurityGroups,
  routerInterfaces,
  routers,
  securityGroupRules,
  securityGroups,
} from './networking/tables.js';
import { instances, operations, operationSecrets } from './operations/tables.js';
import {
  clientCredits,
  clients,
  configurations,
  currencies,
  meteredResources,
  projects,
  serviceCycles,
  services,
} from './owners/tables.js';
import { backupSchedules, powerSchedules } from './schedules/tables.js';
import {
  simAddresses,
  simFaults,
  simImages,
  simMachines,
  simNetworkThings,
  simVolumes,
} from './ports/drivers/sim-tables.js';
import { traffic, trafficDays } from './traffic/tables.js';
import { volumeAttachments, volumeBackups, volumeSnapshots, volumes, volumeTypes } from './volumes/tables.js';
import { fixtures } from './users/store/bootstrap.js';
import { projectSyncs } from './owners/store/project-sync.js';
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
  meteredResources,
  projectSyncs,
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
  // traffic
  traffic,
  trafficDays,
  // networking
  securityGroups,
  securityGroupRules,
  ports,
  portSecurityGroups,
  floatingIps,
  networkAddresses,
  routers,
  routerInterfaces,
  networkSyncs,
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
  // consoles
  consoleTokens,
  // schedules
  powerSchedules,
  backupSchedules,
  // clients
  retiredClients,
  clientGroups,
  clientGroupMembers,
  products,
  productCycles,
  clientOrders,
  // facade-compute
  serverRecords,
  // facade-network
  networkLabels,
  // the simulator
  simMachines,
  simAddresses,
  simFaults,
  simImages,
  simNetworkThings,
  simVolumes,
  // the kit
  outboxEvents,
] satisfies AnyTable[];
