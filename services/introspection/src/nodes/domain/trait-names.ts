import { Fault } from '@nefos/service-kit';
import { shown } from '../../values.js';
import { isTrait, MOST_TRAITS } from './traits.js';

/** @throws Fault invalid node.trait */
export const demandTrait = (name: unknown): string => {
  if (typeof name === 'string' && isTrait(name)) return name;
  throw new Fault('invalid', 'node.trait', {
    message:
      `Error validating trait ${shown(name)}: a trait is a standard one, or a custom one that begins with ` +
      '"CUSTOM_" and has only the characters A-Z, 0-9 and _.',
  });
};
/** @throws Fault invalid node.trait */
export const demandTraits = (uuid: string, names: readonly unknown[]): string[] => {
  if (names.length > MOST_TRAITS)
    throw new Fault('invalid', 'node.trait', {
      message: `Error saving traits for node ${uuid}: A node cannot have more than ${MOST_TRAITS} traits.`,
    });
  return [...new Set(names.map(demandTrait))].sort();
};
