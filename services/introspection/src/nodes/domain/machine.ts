import type { Json, JsonObject } from '../../values.js';
import type { PortOfMachine } from '../store/machines.js';

/** A port of a machine under its names on the wire (contract §11.2). */
export type MachinePort = PortOfMachine;
/**
 * A machine while its data are processed. Hooks and rules change it in memory; one transaction saves it with the data
 * and the state of the run, so that a process that dies in between leaves all or nothing.
 */
export interface Machine {
  /** The node under its names on the wire: uuid, name, driver, driver_info, properties, extra … Secrets are masked. */
  node: JsonObject & {
    uuid: string;
    driver: string;
    properties: JsonObject;
    extra: JsonObject;
    driver_info: JsonObject;
  };
  ports: MachinePort[];
  traits: Set<string>;
}
/** Machines in use: their ports are neither taken away nor changed, and they stay on (contract §7.1). */
export const isInUse = ({ node }: Machine): boolean =>
  node.provision_state === 'active' || node.provision_state === 'rescue';
export const setProperty = ({ node }: Machine, name: string, value: Json): void => {
  node.properties[name] = value;
};
