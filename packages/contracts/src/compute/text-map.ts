import { field } from '../drf/field.js';

/** Names of properties as Glance takes them. */
const NAME = /^[A-Za-z0-9_.:-]+$/;
const isText = (value: unknown): value is string => typeof value === 'string';
interface TextMapOptions {
  /** Names at most. */
  most: number;
  nameMax: number;
  valueMax: number;
  required?: false;
}
/** An object whose values are text, of names that the caller chooses; absent: none. */
export const textMap = <const O extends TextMapOptions>({ most, nameMax, valueMax, required }: O) =>
  field<Record<string, string>, { required?: false; default: Record<string, string> }>(
    { ...(required === false && { required }), default: {} },
    { type: 'object', additionalProperties: { type: 'string', maxLength: valueMax }, maxProperties: most },
    (value, refuse) => {
      if (typeof value !== 'object' || value === null || Array.isArray(value))
        return refuse('text', { text: 'Expected an object of texts.' });
      const entries = Object.entries(value);
      if (entries.length > most)
        return refuse('text', { text: `Ensure this field has no more than ${most} elements.` });
      for (const [name, text] of entries) {
        if (name.length > nameMax || !NAME.test(name))
          return refuse('text', { text: 'A name is of letters, digits and _ . : -, at most 255 characters.' });
        if (!isText(text) || text.length > valueMax)
          return refuse('text', { text: `Each value is a text of at most ${valueMax} characters.` });
      }
      return Object.fromEntries(entries as [string, string][]);
    },
  );
