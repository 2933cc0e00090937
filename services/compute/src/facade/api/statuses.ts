import { STATUS_OF_KIND, type Fault, type FaultKind } from '@nefos/service-kit';
import { sentenceOf, wordingOf } from '../../refusals.js';
import { issueText } from './issue-text.js';

/** The status of each kind of fault, where an API has no other (contract compute §12.2, the row "Faults"). */
export const STATUS: Record<FaultKind, number> = { ...STATUS_OF_KIND, precondition: 422, upstream: 503 };
/** Sentences of faults that have none of their own. */
const PLAIN: Record<FaultKind, string> = {
  invalid: 'The request is not valid.',
  expectation: 'The expectation can not be met.',
  unauthenticated: 'The request you have made requires authentication.',
  forbidden: "Policy doesn't allow this to be performed.",
  not_found: 'The resource could not be found.',
  method: 'The method is not allowed for this resource.',
  not_acceptable: 'The requested version is not supported.',
  media_type: 'Unsupported Content-Type.',
  conflict: 'The request conflicts with the present state.',
  precondition: 'The request can not be carried out.',
  too_large: 'Request is too large.',
  too_many: 'This request was rate-limited.',
  capacity: 'The service is not available for now. Try again later.',
  upstream: 'The service is not available for now. Try again later.',
  unavailable: 'The service is not available for now. Try again later.',
  unsupported: 'Unable to perform this operation: it is not supported in this region.',
  internal: 'Unexpected API Error. Please report it to the operator, with the request id of this answer.',
};
/** What a refusal says. @param sent the request's body, for the value that is refused */
export const messageOf = (fault: Fault, sent: unknown): string => {
  const wording = wordingOf(fault.code);
  if (wording) return sentenceOf(wording, fault.params);
  if (typeof fault.params.detail === 'string') return fault.params.detail;
  if (fault.code.startsWith('body.')) return 'The server could not comply with the request since it is malformed.';
  if (fault.kind === 'invalid' && fault.params.issues?.length) return issueText(fault.params.issues, sent);
  return PLAIN[fault.kind];
};
/** Whether a fault says that a quota is used up: each API has its own status for it. */
export const isQuota = ({ code }: Fault): boolean => wordingOf(code)?.code === 'quota_exceeded';
