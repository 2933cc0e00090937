import { isObject, objectsOf, textOf, type Json } from '../../values.js';
import { BmcError } from '../domain/driver.js';
import type { WireAnswer } from './wire.js';

/** The sentences of a Redfish error (DSP0266, "Error responses"), those of the extended information first. */
const messagesOf = (body: unknown): { id: string; text: string }[] => {
  const error = isObject(body) && isObject(body.error) ? body.error : undefined;
  if (!error) return [];
  const extended: Json | undefined = error['@Message.ExtendedInfo'];
  const all = [...objectsOf(extended), { MessageId: error.code ?? '', Message: error.message ?? '' }];
  return all
    .map(({ MessageId, Message }) => ({ id: textOf(MessageId) ?? '', text: textOf(Message) ?? '' }))
    .filter(({ text }) => text !== '');
};
// What BMCs say shortly after a machine was switched, besides by 409 and 503.
const LATER = [
  'InvalidOperationForSystemState',
  'ResourceInUse',
  'ResourceInStandby',
  'ServiceTemporarilyUnavailable',
  'ServiceInUnknownState',
  'ConditionInRelatedResource',
];
const isLater = ({ id, text }: { id: string; text: string }): boolean =>
  LATER.some((name) => id.endsWith(name)) || /value conflict/i.test(text);
const UNSUPPORTED = new Set([404, 405, 501]);

const retryAfterOf = (answer: WireAnswer): number | undefined => {
  const text = answer.header('retry-after');
  if (text === undefined) return undefined;
  const seconds = /^\d{1,6}$/.test(text) ? Number(text) : (Date.parse(text) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? 1000 * Math.max(0, Math.min(seconds, 600)) : undefined;
};

/** What an answer that is no success means. @param what was asked, for the sentence */
export const faultOf = (answer: WireAnswer, what: string): BmcError => {
  const { status, body } = answer;
  const messages = messagesOf(body);
  const said = messages[0]?.text.replace(/\s+/g, ' ').slice(0, 300);
  const sentence = `The BMC answered ${status} to ${what}${said === undefined ? '.' : `: ${said}`}`;
  if (status === 401 || status === 403) return new BmcError('credentials', sentence);
  if ([409, 423, 429, 503].includes(status) || messages.some(isLater))
    return new BmcError('busy', sentence, retryAfterOf(answer));
  if (UNSUPPORTED.has(status)) return new BmcError('unsupported', sentence);
  return new BmcError(status >= 500 ? 'busy' : 'refused', sentence);
};
