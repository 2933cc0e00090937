import { identityLinks, users } from './access/store/users.js';
import { awsAccounts, cloudAccounts, nefosAccounts, tombstones } from './accounts/store/tables.js';
import { awsImages, machineImages, nefosImages } from './images/store/tables.js';
import { awsInstances, instances, nefosInstances } from './instances/store/tables.js';
import { instanceDefinitions, instanceEvents, runs } from './runs/store/tables.js';
import { resourceFacts, resources } from './usage/store/tables.js';

/** Every table of this service, area by area. */
export const entities = [
  ...[users, identityLinks],
  ...[machineImages, awsImages, nefosImages],
  ...[instanceEvents, runs, instanceDefinitions],
  ...[instances, awsInstances, nefosInstances],
  ...[resources, resourceFacts],
  ...[cloudAccounts, awsAccounts, nefosAccounts, tombstones],
];
