/** Refusals of this service that its dialect words on its own; the rest is named by kind. */
export const NAME_TAKEN = 'account.name_taken';
/** An account of our own cloud ends with its client, not by a wish of its user. */
export const ACCOUNT_OF_CLOUD = 'account.of_cloud';
/** Its usage can not be purged while it grows. */
export const ACCOUNT_RUNS = 'account.runs';
export const ARN_MISSING = 'account.arn_missing';
export const AWS_NOT_CONFIGURED = 'aws.not_configured';
export const SUPERUSER_ONLY = 'superuser_only';
export const HEADER_INVALID = 'header.invalid';
export const TOKEN_UNKNOWN = 'token.unknown';
