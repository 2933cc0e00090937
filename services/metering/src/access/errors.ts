/**
 * Codes of refusals. Their sentences are in words.ts and dialect.ts; refusals without a code of their own are worded by
 * their kind, in dialect.ts.
 */
export const NAME_TAKEN = 'account.name_taken';
/** An account of our own cloud ends with its client; its user can not delete it. */
export const ACCOUNT_OF_CLOUD = 'account.of_cloud';
/** Usage can not be purged while it grows. */
export const ACCOUNT_RUNS = 'account.runs';
export const ARN_MISSING = 'account.arn_missing';
export const AWS_NOT_CONFIGURED = 'aws.not_configured';
export const SUPERUSER_ONLY = 'superuser_only';
export const HEADER_INVALID = 'header.invalid';
export const TOKEN_UNKNOWN = 'token.unknown';
