import type { FaultParams, Issue } from '@nefos/service-kit';
import { ACCOUNT_OF_CLOUD, ACCOUNT_RUNS, AWS_NOT_CONFIGURED } from './access/errors.js';
import { ARN_KNOWN, FIXED_FIELD, NOT_A_DATE, NOT_A_DATE_TIME, NOT_AN_INTEGER } from './access/field-rules.js';

type Values = Record<string, unknown>;
/**
 * The sentence of each rule about a field that is this service's own; the other rules are the framework's (kit's
 * drf.ts).
 */
const FIELD_SENTENCES: Record<string, (field: string, values: Values) => string> = {
  [NOT_AN_INTEGER]: (field) => `${field} must be an integer.`,
  [NOT_A_DATE]: (field) => `${field} must be a date (YYYY-MM-DD).`,
  [NOT_A_DATE_TIME]: () => 'Enter a valid date/time.',
  // The original says it in two ways.
  [FIXED_FIELD]: (field) => `You cannot update ${field === 'account_arn' ? '' : 'field '}${field}.`,
  [ARN_KNOWN]: (_field, { awsAccountId }) => `An ARN already exists for account "${String(awsAccountId)}"`,
};
const withSentence = (issue: Issue): Issue => {
  const sentence = FIELD_SENTENCES[issue.rule];
  if (!sentence) return issue;
  return { ...issue, rule: 'text', values: { text: sentence(String(issue.path.at(-1)), issue.values ?? {}) } };
};
/** The refusal with its own rules put into words. */
export const withSentences = (params: FaultParams): FaultParams =>
  params.issues ? { ...params, issues: params.issues.map(withSentence) } : params;

/** The `detail` of refusals that are this service's own, by code. */
export const DETAILS: Readonly<Record<string, string>> = {
  [ACCOUNT_OF_CLOUD]:
    'This account belongs to this cloud: it is metered as long as its client exists, and can not be deleted.',
  [ACCOUNT_RUNS]: 'Instances of this account still run.',
  // It stays true until an operator changes the installation, so the status is 501, not 503: a retry does not help.
  [AWS_NOT_CONFIGURED]:
    'AWS is not configured: this installation has no access to AWS, so it can not verify AWS accounts. ' +
    'Accounts of its own cloud are listed by themselves.',
};
