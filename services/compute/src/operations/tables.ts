import {
  boolean,
  computed,
  instant,
  integer,
  jsonb,
  nullable,
  smallint,
  table,
  text,
  textArray,
  uuid,
  uuidArray,
  withDefault,
  type Row,
} from '@nefos/service-kit';
import type { PowerState, TaskState, VmState } from './instance-states.js';
import type { JobAction } from './transitions.js';

// They stand above the store because the stores of later areas read and write instances too.

/** Why an instance is in `error`, or why an operation failed. */
export interface Failure {
  code: string;
  message: string;
}
export interface InstanceAddress {
  network: string;
  version: 4 | 6;
  addr: string;
  mac: string;
  type: 'fixed' | 'floating';
  forwards?: readonly { address: string; port: number; guest_port: number }[];
}
// Only of a deleted instance they are null: its region or flavor was deleted since. Nobody reads them then.
const regionId = nullable(text()) as unknown as ReturnType<typeof text>;
const flavorId = nullable(uuid()) as unknown as ReturnType<typeof uuid>;
// Only of an operation that is not on an instance it may be null: `objectType` tells.
const instanceId = nullable(uuid()) as unknown as ReturnType<typeof uuid>;
/** Instances. Deleted ones stay as rows. */
export const instances = table(
  'instance',
  {
    id: uuid(),
    clientId: integer(),
    projectId: text(),
    regionId,
    flavorId,
    /** The size to come while it is being resized, the former one until the resize is confirmed; else null. */
    otherFlavorId: nullable(uuid()),
    imageId: nullable(uuid()),
    /** Name and distribution of the image as they were when the instance was created. */
    imageName: nullable(text()),
    osDistro: nullable(text()),
    /** In the order of the interfaces. */
    networks: uuidArray(),
    name: text(),
    description: nullable(text()),
    tags: withDefault(textArray()),
    vmState: text<VmState>(),
    /** The step of the operation that is carried out; null: the instance is idle. */
    taskState: nullable(text<TaskState>()),
    powerState: withDefault(smallint<PowerState>()),
    /** The operation that owns the instance, or was the last to own it. */
    operationId: nullable(uuid()),
    lockedBy: nullable(text<'owner' | 'staff'>()),
    /** Why it is locked, where that was said. */
    lockedReason: nullable(text()),
    bootedFromIso: withDefault(boolean()),
    deleteProtection: withDefault(boolean()),
    backendId: nullable(text()),
    /** The hypervisor's id of the machine that was imported; null: it was built. */
    importedFrom: nullable(text()),
    hostName: nullable(text()),
    accessIp: nullable(text()),
    addresses: withDefault(jsonb<InstanceAddress[]>()),
    fault: nullable(jsonb<Failure & { created: string }>()),
    /** Must not run: its client or its client's service is suspended. */
    held: withDefault(boolean()),
    /** Must not run either: it has carried as much as it may this month. */
    trafficBlocked: withDefault(boolean()),
    /** Was stopped because it is held, and starts when it is held no longer. */
    wasRunning: withDefault(boolean()),
    /** Whether the last event for metering said that it runs. */
    meteredOn: withDefault(boolean()),
    /** Its id at metering since it was moved to another client; null: its own. */
    meteringId: nullable(uuid()),
    /** Number of the last event for metering; 0: none yet. */
    eventSequence: withDefault(integer()),
    createdAt: withDefault(instant()),
    updatedAt: withDefault(instant()),
    /** When it first ran. */
    launchedAt: nullable(instant()),
    terminatedAt: nullable(instant()),
    searchText: computed(text()),
  },
  { primary: ['id'] },
);
export type Instance = Row<typeof instances>;

/** Of volumes, snapshots and backups: see the area `volumes`. */
export type OperationObject = 'instance' | 'volume' | 'volumesnapshot' | 'volumebackup';
export type OperationStatus = 'pending' | 'running' | 'completed' | 'failed' | 'canceled';
export interface Step {
  name: string;
  status: 'pending' | 'running' | 'completed' | 'failed';
}
/** Actions on instances, each carried out by a job. */
export const operations = table(
  'operation',
  {
    id: uuid(),
    action: text<JobAction>(),
    /** The action as clients see it: `instance.reboot`. */
    type: text(),
    status: text<OperationStatus>(),
    /** What it is on. */
    objectType: withDefault(text<OperationObject>()),
    /** Id of that; null: the instance. */
    objectId: nullable(uuid()),
    instanceId,
    clientId: integer(),
    /** State of the instance when the action was accepted. */
    previousState: text<VmState>(),
    params: withDefault(jsonb<Record<string, unknown>>()),
    steps: withDefault(jsonb<Step[]>()),
    error: nullable(jsonb<Failure>()),
    /** How often the driver was called. */
    attempts: withDefault(integer()),
    viewed: withDefault(boolean()),
    /** Null: the portal itself. */
    createdById: nullable(integer()),
    createdByName: nullable(text()),
    requestId: nullable(text()),
    createdAt: withDefault(instant()),
    /** Whether the driver has accepted the action. */
    called: withDefault(boolean()),
    startedAt: nullable(instant()),
    completedAt: nullable(instant()),
    deadlineAt: instant(),
    /** When the sweep checks whether the operation has a job. */
    nextCheckAt: instant(),
  },
  { primary: ['id'] },
);
export type Operation = Row<typeof operations>;

/** Passwords, keys and user data of operations; a row goes when its operation ends. */
export const operationSecrets = table(
  'operation_secret',
  { operationId: uuid(), sealed: text() },
  { primary: ['operationId'] },
);
