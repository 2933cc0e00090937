import { Fault } from '@nefos/service-kit';
import { shown } from '../../values.js';

const MAX_TRAITS = 50;
/** Names of one's own; the standard ones are known by their form alone. */
const TRAIT = /^(?:CUSTOM_[A-Z0-9_]+|[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)$/;
const isTrait = (name: unknown): name is string => typeof name === 'string' && name.length <= 255 && TRAIT.test(name);
/** @throws Fault invalid node.trait */
export const demandTrait = (name: unknown): string => {
  if (isTrait(name)) return name;
  throw new Fault('invalid', 'node.trait', {
    message:
      `Error validating trait ${shown(name)}: a trait is a standard one, or a custom one that begins with ` +
      '"CUSTOM_" and has only the characters A-Z, 0-9 and _.',
  });
};
/** @throws Fault invalid node.trait */
export const demandTraits = (uuid: string, names: readonly unknown[]): string[] => {
  if (names.length > MAX_TRAITS)
    throw new Fault('invalid', 'node.trait', {
      message: `Error saving traits for node ${uuid}: A node cannot have more than ${MAX_TRAITS} traits.`,
    });
  return [...new Set(names.map(demandTrait))].sort();
};
