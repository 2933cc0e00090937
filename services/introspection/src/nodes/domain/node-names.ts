import { Fault } from '@nefos/service-kit';
import { shown } from '../../values.js';
import { isNodeName } from './refs.js';
import { RESERVED, refuseValue } from './node-values.js';

const HOST_NAME = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/i;
/**
 * Whether a node may have this name; before 1.10 names are those of hosts.
 * @param sentence of the refusal @throws Fault invalid node.value; not_acceptable version.field
 */
export const demandName = (name: unknown, version: number, sentence: (name: string) => string): void => {
  if (version < 5) throw new Fault('not_acceptable', 'version.field');
  if (typeof name !== 'string') return; // its type is judged with the other fields
  if (!isNodeName(name) || (version < 10 && !HOST_NAME.test(name))) refuseValue(sentence(shown(name)));
  if (RESERVED.includes(name))
    refuseValue(
      `The word "${name}" is reserved and can not be used as a node name. Reserved words are: ${RESERVED.join(', ')}.`,
    );
};
