import {
  boolean,
  instant,
  json,
  nullable,
  safeInteger,
  table,
  text,
  textArray,
  uuid,
  generated,
  withDefault,
  type NewRow,
  type Row,
} from '@nefos/service-kit';
import type { JsonObject } from '../../values.js';

/** The machines that are known. Secrets of `driver_info` stand in `sealed_driver_info`, an envelope of JSON. */
export const nodes = table(
  'node',
  {
    id: generated(safeInteger()),
    uuid: uuid(),
    name: nullable(text()),
    driver: text(),
    driverInfo: withDefault(json<JsonObject>()),
    sealedDriverInfo: nullable(text()),
    bmcAddress: nullable(text()),
    properties: withDefault(json<JsonObject>()),
    extra: withDefault(json<JsonObject>()),
    /** Fields of the Bare Metal API that nothing here looks at, under their names on the wire. */
    settings: withDefault(json<JsonObject>()),
    driverInternalInfo: withDefault(json<JsonObject>()),
    instanceInfo: withDefault(json<JsonObject>()),
    instanceUuid: nullable(uuid()),
    resourceClass: nullable(text()),
    inspectInterface: nullable(text()),
    owner: nullable(text()),
    lessee: nullable(text()),
    description: nullable(text()),
    conductorGroup: withDefault(text()),
    traits: withDefault(textArray()),
    provisionState: withDefault(text()),
    targetProvisionState: nullable(text()),
    provisionUpdatedAt: nullable(instant()),
    powerState: nullable(text()),
    targetPowerState: nullable(text()),
    lastError: nullable(text()),
    maintenance: withDefault(boolean()),
    maintenanceReason: nullable(text()),
    inspectionStartedAt: nullable(instant()),
    inspectionFinishedAt: nullable(instant()),
    createdAt: withDefault(instant()),
    updatedAt: nullable(instant()),
  },
  { primary: ['uuid'] },
);
export type Node = Row<typeof nodes>;
export type NewNode = NewRow<typeof nodes>;

/** The network cards of machines; an address is one machine's. */
export const ports = table(
  'port',
  {
    id: generated(safeInteger()),
    uuid: uuid(),
    nodeUuid: uuid(),
    address: text(),
    name: nullable(text()),
    pxeEnabled: withDefault(boolean()),
    isSmartnic: withDefault(boolean()),
    physicalNetwork: nullable(text()),
    localLinkConnection: withDefault(json<JsonObject>()),
    extra: withDefault(json<JsonObject>()),
    createdAt: withDefault(instant()),
    updatedAt: nullable(instant()),
  },
  { primary: ['uuid'] },
);
export type Port = Row<typeof ports>;
export type NewPort = NewRow<typeof ports>;
