import { STATUS_CODES } from 'node:http';
import type { Fault } from '@nefos/service-kit';
import { STATUSES } from './statuses.js';
import { WORDS } from './words.js';

/** What the issues of a schema say; undefined when there are none with a place. */
const sentenceOfIssues = ({ params: { issues = [] } }: Fault): string | undefined => {
  const long = issues.find((issue) => issue.rule === 'too_long' && issue.values?.most !== undefined);
  if (long) return `At most ${String(long.values?.most)} entries in ${long.path.map(String).join('.') || 'the body'}`;
  // zod names the keys: `Unrecognized key: "x"`.
  const unknown = issues.find((issue) => issue.rule === 'unrecognized_keys');
  if (unknown) return String(unknown.values?.message).slice(0, 300);
  const places = issues.map((issue) => issue.path.map(String).join('.')).filter(Boolean);
  return places.length ? `Bad value: ${[...new Set(places)].slice(0, 10).join(', ')}` : undefined;
};
/** The sentence of a refusal: by its code, else by its detail, its issues, its kind. */
export const describeFault = (fault: Fault): string => {
  const word = WORDS[fault.code];
  if (word) return typeof word === 'string' ? word : word(fault);
  if (typeof fault.params.detail === 'string') return fault.params.detail;
  const sentence = sentenceOfIssues(fault);
  if (sentence !== undefined) return sentence;
  if (fault.kind === 'invalid') return 'Malformed request';
  if (fault.kind === 'not_found') return 'Not found';
  return STATUS_CODES[STATUSES[fault.kind][0]] ?? 'Error';
};
