import { DriverError, type DriverErrorCode } from '../driver.js';

/** What a service of the cloud answered in place of success. */
export interface Refused {
  service: string;
  status: number;
  retryAfter?: string | undefined;
  /** The document, or the text when it is none. */
  body: unknown;
}
const HOUR_MS = 3_600_000;
const LONGEST_MESSAGE = 500;

/** Nova says `{"<kind>": {"message"}}`, Keystone `{"error": {"message"}}`, Neutron `{"NeutronError": {"message"}}`. */
export const messageOf = (body: unknown): string => {
  if (typeof body !== 'object' || body === null) return '';
  const [inner] = Object.values(body) as unknown[];
  const message: unknown =
    typeof inner === 'object' && inner !== null ? (inner as { message?: unknown }).message : inner;
  // Nova repeats refused values, which may be passwords.
  return typeof message === 'string' ? message.replace(/ Value: [^]*/, '').slice(0, LONGEST_MESSAGE) : '';
};
/** Seconds, or an instant. */
const waitMs = (retryAfter: string | undefined): number | undefined => {
  if (retryAfter === undefined) return undefined;
  const ms = /^\d{1,9}$/.test(retryAfter) ? Number(retryAfter) * 1000 : Date.parse(retryAfter) - Date.now();
  return Number.isFinite(ms) ? Math.min(HOUR_MS, Math.max(0, ms)) : undefined;
};

/** Nova and Neutron say of a thing which kind it is, and of a route that they do not have nothing. */
const namesItem = (body: unknown): boolean =>
  typeof body === 'object' &&
  body !== null &&
  Object.values(body).some(
    (one) => typeof one === 'object' && one !== null && (one as { type?: unknown }).type !== 'HTTPNotFound',
  );
/** What is refused as a bad request, though it is the state of a volume only. */
const WRONG_STATE = /^Invalid (volume|snapshot|backup): .*(status|in use|attached|available)/is;
const codeOf = ({ service, status, retryAfter, body }: Refused, message: string): DriverErrorCode => {
  const quota = /quota/i.test(message);
  switch (status) {
    case 400:
      return WRONG_STATE.test(message) ? 'INVALID_STATE' : 'INVALID_REQUEST';
    case 401:
      return 'AUTH';
    case 403:
      return quota ? 'QUOTA' : 'FORBIDDEN';
    case 404:
      return (service === 'compute' || service === 'network') && !namesItem(body) ? 'UNSUPPORTED' : 'NOT_FOUND';
    case 406:
    case 501:
      return 'UNSUPPORTED';
    case 409:
      if (quota) return 'QUOTA';
      if (/no more IP addresses/i.test(message)) return 'NO_CAPACITY';
      return /while it is in|in an invalid state/i.test(message) ? 'INVALID_STATE' : 'CONFLICT';
    case 413:
      // Cinder says of a quota when it is to be asked again: at once.
      return quota || retryAfter === undefined ? 'QUOTA' : 'RATE_LIMITED';
    case 429:
      return 'RATE_LIMITED';
    case 500:
    case 502:
    case 503:
    case 504:
      return 'UNAVAILABLE';
    default:
      return 'INTERNAL';
  }
};
/** The cloud's own words about a request may be shown to whom it concerns; about itself they are for the operator. */
const SHOWN = new Set<DriverErrorCode>([
  'NOT_FOUND',
  'INVALID_STATE',
  'INVALID_REQUEST',
  'QUOTA',
  'CONFLICT',
  'NO_CAPACITY',
]);

/** A refusal as the portal knows it (contract compute §11.2). */
export const refusedBy = (refused: Refused): DriverError => {
  const message = messageOf(refused.body);
  const code = codeOf(refused, message);
  const retryAfterMs = code === 'RATE_LIMITED' || code === 'UNAVAILABLE' ? waitMs(refused.retryAfter) : undefined;
  const answered = `The ${refused.service} service of the cloud answered ${refused.status}.`;
  return new DriverError(code, SHOWN.has(code) && message ? message : answered, {
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    cause: new Error(`${refused.service} answered ${refused.status}: ${message || 'no message'}`),
  });
};

const SLOW = new Set(['ECONNABORTED', 'ETIMEDOUT', 'ERR_CANCELED']);
/** No answer: it is not known whether the call had its effect. */
export const unreachable = (service: string, err: unknown): DriverError => {
  const { code = 'unknown' } = err as { code?: string };
  return SLOW.has(code)
    ? new DriverError('TIMEOUT', `The ${service} service of the cloud did not answer in time.`, { cause: err })
    : new DriverError('UNAVAILABLE', `The ${service} service of the cloud can not be reached (${code}).`, {
        cause: err,
      });
};
/** Whether an error of a driver has this code. */
export const hasCode = (err: unknown, code: DriverErrorCode): boolean =>
  err instanceof DriverError && err.code === code;
/** Of a call that is done when there is nothing any more. @throws every error but NOT_FOUND */
export const unlessMissing = async <T>(call: Promise<T>): Promise<T | undefined> => {
  try {
    return await call;
  } catch (err) {
    if (hasCode(err, 'NOT_FOUND')) return undefined;
    throw err;
  }
};
/** What the portal has and the cloud has not. */
export const unknownTo = (what: string): DriverError =>
  new DriverError('INVALID_REQUEST', `The cloud does not know the ${what}: \`nefos region sync\` brings what it has.`);
