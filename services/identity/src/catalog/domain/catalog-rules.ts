import { badText } from '@nefos/contracts';
import { bad } from '../../access/domain/errors.js';

/** Rules for what is registered in the catalog: every client reads it, in JSON and in XML. */

/** What a refused text was given for; the words for it are in words.ts. */
export type CatalogField =
  | 'component.name'
  | 'component.url'
  | 'service.name'
  | 'service.type'
  | 'endpoint.key'
  | 'endpoint.region'
  | `endpoint.data.${string}URL`;

const NAME_LENGTH = 255;
const ADDRESS_LENGTH = 2000;
const KEY_LENGTH = 64;
const VALUE_LENGTH = 2000;
/** How much of a refused text the answer repeats. */
const QUOTED = 100;
const CONTROL = /\p{Cc}/u;
const isClean = (text: string): boolean => !CONTROL.test(text) && badText(text) === undefined;
const demandName = (field: CatalogField, text: string): void => {
  if (text.trim() !== text || text === '' || text.length > NAME_LENGTH || !isClean(text))
    throw bad('catalog.name', { field, value: text.slice(0, QUOTED) });
};
/** An http(s) address, or a path relative to the public origin. */
const demandAddress = (field: CatalogField, text: string): void => {
  const hasForm = /^(?:https?:\/\/[^/]|\/(?!\/))\S*$/i.test(text);
  if (!hasForm || text.length > ADDRESS_LENGTH || !isClean(text) || !URL.canParse(text, 'http://public.invalid'))
    throw bad('catalog.address', { field, value: text.slice(0, QUOTED) });
};
/** @throws invalid catalog.name, catalog.address */
export const demandComponentRules = ({ name, url }: { name: string; url: string }): void => {
  demandName('component.name', name);
  demandAddress('component.url', url);
};
/** @throws invalid catalog.name */
export const demandServiceRules = ({ name, type }: { name: string; type: string }): void => {
  demandName('service.name', name);
  demandName('service.type', type);
};
/**
 * Any key may be registered (contract identity §2), except those that XML reserves; an answer in XML leaves out keys
 * that are not XML names.
 * @throws invalid catalog.name, catalog.address, endpoint.key_length, endpoint.key_reserved, endpoint.value
 */
export const demandEndpointRules = (data: Readonly<Record<string, string>>): void => {
  for (const [key, value] of Object.entries(data)) {
    if (key.length > KEY_LENGTH) throw bad('endpoint.key_length', { key: key.slice(0, QUOTED) });
    demandName('endpoint.key', key);
    if (/^xml/i.test(key)) throw bad('endpoint.key_reserved', { key });
    if (isAddressKey(key)) demandAddress(`endpoint.data.${key}`, value);
    else if (key === 'region') demandName('endpoint.region', value);
    else if (value.length > VALUE_LENGTH || !isClean(value)) throw bad('endpoint.value', { key });
  }
};
/** Whether the value of this key is an address, as for `publicURL` and `SNF:uiURL`. */
export const isAddressKey = (key: string): key is `${string}URL` => key.endsWith('URL');
