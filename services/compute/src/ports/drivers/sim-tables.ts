import {
  boolean,
  bigint,
  inet,
  instant,
  integer,
  jsonb,
  nullable,
  smallint,
  table,
  text,
  textArray,
  uuid,
  withDefault,
  type Row,
} from '@nefos/service-kit';
import type { Address, MachineMode, PowerState } from '../driver.js';

export interface SimFormer {
  vcpus: number;
  memoryMb: number;
  rootGb: number;
  host: string;
}
/** What the guest was given at its first boot, as its log shows it: never the secrets themselves. */
export interface SimGuest {
  sshKeys: number;
  password: boolean;
  userDataBytes: number;
}

/** An interface: its port, and the address by which `addresses` names it. */
export interface SimPort {
  portId: string;
  mac: string;
}

/** Simulated machines. A change is stored with the time at which it is done; see `sim-machines.ts`. */
export const simMachines = table(
  'sim_machine',
  {
    portalId: uuid(),
    backendId: uuid(),
    region: text(),
    name: text(),
    tags: withDefault(textArray()),
    host: text(),
    vcpus: integer(),
    memoryMb: integer(),
    rootGb: withDefault(integer()),
    addresses: jsonb<Address[]>(),
    /** Before the change in `task`. */
    powerState: smallint<PowerState>(),
    /** After it. */
    targetState: nullable(smallint<PowerState>()),
    /** The change that the machine is in until `changesAt`. */
    task: nullable(text()),
    changesAt: nullable(instant()),
    crashesAt: nullable(instant()),
    boots: withDefault(integer()),
    /** False: it bears no id of ours; `portalId` is of no instance. */
    adopted: withDefault(boolean()),
    /** Before the change in `task`; null: none. */
    mode: nullable(text<MachineMode>()),
    /** After it. */
    targetMode: nullable(text<MachineMode>()),
    /** After it; null: the same host; empty: none. */
    targetHost: nullable(text()),
    /** Size and host before a resize that is not confirmed yet. */
    former: nullable(jsonb<SimFormer>()),
    /** The last rebuild. */
    rebuildKey: nullable(text()),
    guest: nullable(jsonb<SimGuest>()),
    /** How long it ran until `upAt`. */
    upMs: withDefault(bigint()),
    /** Up to when that is counted. */
    upAt: withDefault(instant()),
    /** Its interfaces that the portal has a port of. */
    ports: withDefault(jsonb<SimPort[]>()),
    createdAt: withDefault(instant()),
  },
  { primary: ['portalId'] },
);
export type SimMachine = Row<typeof simMachines>;
/** Addresses that simulated machines use. */
export const simAddresses = table(
  'sim_address',
  { networkId: uuid(), address: inet(), portalId: uuid() },
  { primary: ['networkId', 'address'] },
);
/** How often a call was made to fail. */
export const simFaults = table(
  'sim_fault',
  { portalId: uuid(), call: text(), failures: integer() },
  { primary: ['portalId', 'call'] },
);
/** Images of simulated machines. */
export const simImages = table(
  'sim_image',
  { imageId: uuid(), portalId: uuid(), size: bigint(), doneAt: instant() },
  { primary: ['imageId'] },
);
/** Networks, routers, ports and so on, as the portal wanted them last. */
export const simNetworkThings = table(
  'sim_network_thing',
  { kind: text(), portalId: uuid(), region: text(), spec: jsonb<object>() },
  { primary: ['kind', 'portalId'] },
);
/** Simulated volumes, and the snapshots and backups of volumes; each is ready once its time has come. */
export const simVolumes = table(
  'sim_volume',
  {
    portalId: uuid(),
    backendId: uuid(),
    region: text(),
    kind: text<'volume' | 'snapshot' | 'backup'>(),
    name: text(),
    sizeGb: integer(),
    /** When the last change is done. */
    doneAt: instant(),
    /** Is gone once that is done. */
    goes: withDefault(boolean()),
    /** The volume of a snapshot or backup. */
    volumeId: nullable(uuid()),
    /** The full backup that a backup builds on. */
    parentId: nullable(uuid()),
    /** What it was filled with, as a word. */
    source: nullable(text()),
    /** The machine that has it. */
    machineId: nullable(uuid()),
    device: nullable(text()),
    /** How often it was reverted to a snapshot or filled from a backup. */
    restores: withDefault(integer()),
  },
  { primary: ['portalId'] },
);
