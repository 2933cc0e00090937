import { decodeUtf8, Fault } from '@nefos/service-kit';
import { bmcAddressOf } from '../../addresses.js';
import { jsonText, parseExactly } from '../../json-text.js';
import { beforeLookUp } from '../../processing/domain/process.js';
import { isObject, objectOf, type JsonObject } from '../../values.js';
import type { Pipeline } from './pipeline.js';

/** By what a machine may be recognised (contract introspection §6.2). */
export interface LookUp {
  macs: string[];
  addresses: string[];
}
/** A report after the hooks that run before the machine is known. */
export interface ReadReport {
  data: JsonObject;
  /** What is wrong with it: each hook that failed adds a line. */
  failures: string[];
  lookUp: LookUp;
  /** The report as it came, without its logs. */
  unprocessed: string;
  /** The logs of the ramdisk, where they are kept. They are never part of what is stored in the database. */
  logs: Uint8Array | undefined;
}

/** A report of more values is refused before it is parsed: it would take gigabytes. No machine has as many. */
const MOST_VALUES = 2_000_000;
const COMMA = 0x2c;
const BRACKET = 0x5b;
const BRACE = 0x7b;
const demandFewValues = (raw: Uint8Array): void => {
  if (raw.length < MOST_VALUES) return;
  let count = 0;
  for (let i = 0; i < raw.length; i += 1) {
    const c = raw[i];
    if (c === COMMA || c === BRACKET || c === BRACE) count += 1;
  }
  if (count > MOST_VALUES)
    throw new Fault('invalid', 'body.values', { reason: `there are more than ${MOST_VALUES} values` });
};
/** An archive in base64; undefined for what is none. */
const logsOf = (text: string): Uint8Array | undefined => {
  const bytes = Buffer.from(text, 'base64');
  return bytes.length > 0 ? bytes : undefined;
};
const notAnObject = (): Fault =>
  new Fault('invalid', 'report.form', { message: 'Invalid data: expected a JSON object' });
const macsOf = (all: JsonObject): string[] => [
  ...new Set(
    Object.values(all).flatMap((one) => (typeof objectOf(one).mac === 'string' ? [objectOf(one).mac as string] : [])),
  ),
];

/** The object that a body holds. @throws Fault invalid report.form, body.* */
export const parseReport = (raw: Buffer): { text: string; data: JsonObject } => {
  demandFewValues(raw);
  const text = decodeUtf8(raw);
  if (text.trim() === '') throw notAnObject();
  const data = parseExactly(text);
  if (!isObject(data)) throw notAnObject();
  return { text, data };
};
/**
 * Reads a report and runs the hooks that go before the look-up. What they find wrong is no error yet: the machine may
 * be known, and then its run fails for that reason.
 * @throws Fault invalid report.form, body.*
 */
export const readReport = (raw: Buffer, { hooks, settings, keepLogs }: Pipeline): ReadReport => {
  const { text, data } = parseReport(raw);
  const logs = keepLogs && typeof data.logs === 'string' ? logsOf(data.logs) : undefined;
  const hadLogs = Object.hasOwn(data, 'logs');
  delete data.logs;
  // Without logs it is kept letter by letter. Made before the hooks, which change the data.
  const unprocessed = hadLogs ? jsonText(data) : text.trim();
  const failures = beforeLookUp(hooks, data, settings);
  return { data, failures, lookUp: lookUpOf(data), unprocessed, logs };
};
/**
 * What is given to be processed in place of what is stored, without logs (contract introspection §2.8).
 * @returns undefined: nothing, or an empty object, which counts as nothing @throws Fault invalid report.form, body.*
 */
export const readGiven = (raw: Buffer): string | undefined => {
  if (raw.length === 0) return undefined;
  const { text, data } = parseReport(raw);
  if (Object.keys(data).length === 0) return undefined;
  const hadLogs = Object.hasOwn(data, 'logs');
  delete data.logs;
  return hadLogs ? jsonText(data) : text.trim();
};
const lookUpOf = (data: JsonObject): LookUp => ({
  macs: macsOf(objectOf(data.all_interfaces)),
  addresses: [data.ipmi_address, data.ipmi_v6address].flatMap((one) => bmcAddressOf(one) ?? []),
});
