import { randomUUID } from 'node:crypto';
import { conflict, Fault, type SecretBox, type Tx } from '@nefos/service-kit';
import { shown, type JsonObject } from '../../values.js';
import { insertNodeRow, takenOf, type NewNode, type Node, type Taken } from '../store/nodes.js';
import { demandInterfaces, rowChanges } from './node-changes.js';
import { FIELDS } from './node-fields.js';
import { refuseValue, uuid as uuidField } from './node-values.js';

const WORDS: Readonly<Record<Taken, (value: string) => string>> = {
  uuid: (value) => `A node with UUID ${value} already exists.`,
  name: (value) => `A node with name ${value} already exists.`,
  instance_uuid: (value) =>
    `Instance ${value} is already associated with a node, it cannot be associated with this one.`,
};
/** Turns the violation of a unique value into a refusal. @throws Fault conflict node.taken, or the error */
export const refuseTaken = (err: unknown, values: Partial<Record<Taken, unknown>>): never => {
  const taken = takenOf(err);
  if (taken === undefined) throw err;
  const value = values[taken];
  throw conflict('node.taken', { message: WORDS[taken](typeof value === 'string' ? value : '') });
};
/**
 * Registers a node.
 * @param document its fields under their names on the wire
 * @throws Fault invalid node.value; conflict node.taken
 */
export const insertNode = async (ctx: { secrets: SecretBox }, tx: Tx, document: JsonObject): Promise<Node> => {
  for (const name of Object.keys(document))
    if (!['create', 'both'].includes(FIELDS[name]?.set ?? ''))
      throw new Fault('invalid', 'node.field', {
        message: `Schema error for node: Additional properties are not allowed ('${shown(name)}' was unexpected)`,
      });
  if (document.driver === undefined) refuseValue("Schema error for node: 'driver' is a required property");
  const uuid = uuidField('uuid', document.uuid) ?? randomUUID();
  const stored = { uuid, driverInfo: {}, sealedDriverInfo: null, settings: {} };
  const fields = { ...rowChanges(ctx, stored, document), uuid } as NewNode;
  demandInterfaces(fields.driver, { ...fields.settings, inspect_interface: fields.inspectInterface ?? null });
  return insertNodeRow(tx, fields).catch((err: unknown) =>
    refuseTaken(err, { uuid, name: fields.name, instance_uuid: fields.instanceUuid }),
  );
};
