/** Refusals of this service that its dialect words on its own; the rest is named by kind. */
export const NAME_TAKEN = 'account.name_taken';
export const ARN_MISSING = 'account.arn_missing';
export const AWS_NOT_CONFIGURED = 'aws.not_configured';
export const SUPERUSER_ONLY = 'superuser_only';
export const HEADER_INVALID = 'header.invalid';
export const TOKEN_UNKNOWN = 'token.unknown';
