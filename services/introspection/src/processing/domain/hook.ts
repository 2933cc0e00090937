import type { Machine } from '../../nodes/domain/machine.js';
import type { JsonObject } from '../../values.js';
import type { ProcessingSettings } from './settings.js';

/** The longest error of a run. */
const LONGEST_ERROR = 4000;
/**
 * Why a run fails: what the ramdisk sent can not be used. Its text is the error of the run, and of the answer; it may
 * quote the ramdisk, so what a database does not take as text is left out.
 */
export class Unusable extends Error {
  constructor(text: string) {
    super(text.slice(0, LONGEST_ERROR).replaceAll('\0', '').toWellFormed());
  }
}
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
  /** Hooks that have to stand after it, where they are used. */
  before?: readonly string[];
  /** Before the machine is known. @throws Unusable */
  read?: (data: JsonObject, settings: ProcessingSettings) => void;
  /** When the machine is known. @throws Unusable */
  process?: (of: Processing) => void;
}
