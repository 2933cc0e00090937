import type { Json } from '../../values.js';
import type { Node } from '../store/nodes.js';
import { HARDWARE_TYPES, hardwareTypeOf, INTERFACE_FIELDS, type InterfaceField } from './drivers.js';
import { document, nodeName, refuseValue, textUpTo, truth, uuid, type Check } from './node-values.js';

/** A field of a node on the wire (contract introspection §11.2). */
export interface Field {
  /** The microversion from which on it is known. */
  since: number;
  /** The property of the row; absent: it stands in `settings`, or is computed. */
  property?: keyof Node;
  /** What it is while nothing is set. */
  absent?: Json;
  /** When a person may set it; absent: never. */
  set?: 'create' | 'patch' | 'both';
  check?: Check;
}
const text = (max: number, since: number, property?: keyof Node): Field => ({
  since,
  set: 'both',
  check: textUpTo(max),
  ...(property && { property }),
});
const flag = (since: number, absent: boolean | null, set: Field['set'] = 'both'): Field => ({
  since,
  set,
  absent,
  check: (field, value) => truth(field, value) ?? absent,
});
const documents = (property: keyof Node): Field => ({ since: 1, property, set: 'both', check: document });
const shownOnly = (since: number, property?: keyof Node, absent: Json = null): Field => ({
  since,
  absent,
  ...(property && { property }),
});
const driver: Check = (_field, value) => {
  if (typeof value !== 'string') return refuseValue('Schema error for node: driver is not of type string');
  if (hardwareTypeOf(value)) return value;
  return refuseValue(
    `No valid host was found. Reason: No conductor service registered which supports driver ${value.slice(0, 255)} ` +
      `for conductor group "". Drivers: ${HARDWARE_TYPES.map(({ name }) => name).join(', ')}.`,
  );
};
const chassis: Check = (field, value) => {
  const found = uuid(field, value);
  return found === null ? null : refuseValue(`Chassis ${found} could not be found.`);
};
const interfaceFields = Object.fromEntries(
  Object.entries(INTERFACE_FIELDS).map(([name, since]) => [
    name,
    text(255, since, name === 'inspect_interface' ? 'inspectInterface' : undefined),
  ]),
) as Record<InterfaceField, Field>;

/** Every field of a node but links, traits and the conductor's. */
export const FIELDS: Readonly<Record<string, Field>> = {
  uuid: { since: 1, property: 'uuid', set: 'create', check: uuid },
  name: { since: 5, property: 'name', set: 'both', check: nodeName },
  driver: { since: 1, property: 'driver', set: 'both', check: driver },
  driver_info: documents('driverInfo'),
  properties: documents('properties'),
  extra: documents('extra'),
  instance_info: documents('instanceInfo'),
  instance_uuid: { since: 1, property: 'instanceUuid', set: 'both', check: uuid },
  driver_internal_info: shownOnly(3, 'driverInternalInfo'),
  chassis_uuid: { since: 1, set: 'both', check: chassis },
  ...interfaceFields,
  resource_class: text(80, 21, 'resourceClass'),
  conductor_group: { ...text(255, 46, 'conductorGroup'), check: (field, value) => textUpTo(255)(field, value) ?? '' },
  owner: text(255, 50, 'owner'),
  lessee: text(255, 65, 'lessee'),
  description: text(4096, 51, 'description'),
  automated_clean: flag(47, null),
  protected: flag(48, false, 'patch'),
  protected_reason: { ...text(4096, 48), set: 'patch' },
  retired: flag(61, false),
  retired_reason: text(4096, 61),
  network_data: { since: 66, absent: {}, set: 'both', check: document },
  shard: text(255, 82),
  parent_node: { since: 83, set: 'both', check: uuid },
  disable_power_off: flag(95, false),
  maintenance: { since: 1, property: 'maintenance', set: 'both', check: (f, v) => truth(f, v) ?? false },
  maintenance_reason: shownOnly(1, 'maintenanceReason'),
  provision_state: shownOnly(1, 'provisionState'),
  target_provision_state: shownOnly(1, 'targetProvisionState'),
  provision_updated_at: shownOnly(1, 'provisionUpdatedAt'),
  power_state: shownOnly(1, 'powerState'),
  target_power_state: shownOnly(1, 'targetPowerState'),
  last_error: shownOnly(1, 'lastError'),
  inspection_started_at: shownOnly(6, 'inspectionStartedAt'),
  inspection_finished_at: shownOnly(6, 'inspectionFinishedAt'),
  created_at: shownOnly(1, 'createdAt'),
  updated_at: shownOnly(1, 'updatedAt'),
  reservation: shownOnly(1),
  console_enabled: shownOnly(1, undefined, false),
  clean_step: shownOnly(7, undefined, {}),
  deploy_step: shownOnly(44, undefined, {}),
  service_step: shownOnly(87, undefined, {}),
  raid_config: shownOnly(12, undefined, {}),
  target_raid_config: shownOnly(12, undefined, {}),
  fault: shownOnly(42),
  allocation_uuid: shownOnly(52),
  boot_mode: shownOnly(75),
  secure_boot: shownOnly(75),
};
export const isInterfaceField = (field: string): field is InterfaceField => Object.hasOwn(INTERFACE_FIELDS, field);
/** What a PATCH may name, in alphabetical order. */
export const PATCHABLE = Object.entries(FIELDS)
  .filter(([, { set }]) => set === 'both' || set === 'patch')
  .map(([name]) => name)
  .sort();
