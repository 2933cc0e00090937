import { badText } from '@nefos/contracts';
import { bad } from '../../access/domain/errors.js';

/** What may be registered in the catalog: every client reads it, in JSON and in XML. */

const CONTROL = /\p{Cc}/u;
const refuse = (detail: string): never => {
  throw bad('catalog.value', { detail });
};
const named = (what: string, text: string): void => {
  if (text.trim() !== text || text === '' || text.length > 255 || CONTROL.test(text) || badText(text))
    refuse(
      `${what} is a text of 1 to 255 characters without spaces around it and control characters: ${JSON.stringify(text.slice(0, 100))}`,
    );
};
/** An address, or a path relative to the public one. */
const address = (what: string, text: string): void => {
  const form = /^(?:https?:\/\/[^/]|\/(?!\/))\S*$/i.test(text);
  if (
    !form ||
    text.length > 2000 ||
    CONTROL.test(text) ||
    badText(text) ||
    !URL.canParse(text, 'http://public.invalid')
  )
    refuse(
      `${what} is an address beginning with http:// or https://, or a path beginning with /: ${JSON.stringify(text.slice(0, 100))}`,
    );
};
/** @throws invalid catalog.value */
export const demandComponentRules = ({ name, url }: { name: string; url: string }): void => {
  named('The name of a component', name);
  address('The URL of a component', url);
};
/** @throws invalid catalog.value */
export const demandServiceRules = ({ name, type }: { name: string; type: string }): void => {
  named('The name of a service', name);
  named('The type of a service', type);
};
/**
 * Any key may be registered (contract identity §2), but not one that means something to XML itself; XML leaves out what is no name there.
 * @throws invalid catalog.value
 */
export const demandEndpointRules = (data: Readonly<Record<string, string>>): void => {
  for (const [key, value] of Object.entries(data)) {
    if (key.length > 64) refuse(`A key of an endpoint has at most 64 characters: ${key.slice(0, 100)}`);
    named('A key of an endpoint', key);
    if (/^xml/i.test(key)) refuse(`Keys that begin with xml are XML's own: ${key}`);
    if (key.endsWith('URL')) address(key, value);
    else if (key === 'region') named('A region', value);
    else if (value.length > 2000 || CONTROL.test(value) || badText(value))
      refuse(`${key} has control characters in it, or is longer than 2000`);
  }
};
