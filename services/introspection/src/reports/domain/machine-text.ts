import { jsonText, parseExactly } from '../../json-text.js';
import type { Machine } from '../../nodes/domain/machine.js';

/** A machine as text, for a thread: numbers keep the spelling that a copy would lose. */
export const machineText = ({ traits, ...rest }: Machine): string => jsonText({ ...rest, traits: [...traits] });
export const machineOfText = (text: string): Machine => {
  const { traits, ...rest } = parseExactly(text) as unknown as Omit<Machine, 'traits'> & { traits: string[] };
  return { ...rest, traits: new Set(traits) };
};
