import type { Machine } from '../../nodes/domain/machine.js';
import type { JsonObject } from '../../values.js';
import type { ProcessingSettings } from './settings.js';

/** Why a run fails: what the ramdisk sent can not be used. Its text is the error of the run, and of the answer. */
export class Unusable extends Error {}
/** What the hooks after the look-up work with. */
export interface Processing {
  /** What the ramdisk sent, as the hooks before have left it. */
  data: JsonObject;
  machine: Machine;
  settings: ProcessingSettings;
  /** Notes a part of the data that was skipped. */
  skipped: (what: string) => void;
}
/** A step of processing (contract §7). */
export interface Hook {
  name: string;
  /** Hooks that have to stand before it. */
  after?: readonly string[];
  /** Before the machine is known. @throws Unusable */
  before?: (data: JsonObject, settings: ProcessingSettings) => void;
  /** When the machine is known. @throws Unusable */
  process?: (of: Processing) => void;
}
