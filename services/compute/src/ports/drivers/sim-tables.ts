import {
  boolean,
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
import type { Address, PowerState } from '../driver.js';

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
