import {
  boolean,
  bytea,
  instant,
  integer,
  nullable,
  safeInteger,
  smallint,
  table,
  text,
  textArray,
  uuid,
  withDefault,
} from '@nefos/service-kit';

/**
 * `api`: named, made by a component for a user. `session`: of a browser. `v3`: of Keystone's v3. `appcred`: of an
 * application credential. `component`: of a service.
 */
export type TokenKind = 'api' | 'session' | 'v3' | 'appcred' | 'component';
/** What a token is scoped to, in Keystone's sense. */
export type Scope = 'project' | 'domain' | 'system' | 'none';

export const tokens = table(
  'token',
  {
    /** SHA-256 of the token without its base64 padding. */
    hash: bytea(),
    /** The public name of the token. */
    auditId: text(),
    kind: text<TokenKind>(),
    /** The holder is an account or a component. */
    accountId: nullable(safeInteger()),
    componentId: nullable(integer()),
    applicationCredentialId: nullable(text()),
    /** The first characters of the token. */
    hint: text(),
    /** Number of `=` that the token ends with when it is shown. */
    pad: withDefault(smallint()),
    label: withDefault(text()),
    scope: withDefault(text<Scope>()),
    project: nullable(uuid()),
    /** How the user authenticated, in Keystone's words. */
    methods: withDefault(textArray()),
    /** The token it was made with. */
    parentAuditId: nullable(text()),
    createdAt: withDefault(instant()),
    /** Null: it does not expire. */
    expiresAt: nullable(instant()),
    lastUsedAt: nullable(instant()),
    revokedAt: nullable(instant()),
    readOnly: withDefault(boolean()),
  },
  { primary: ['hash'] },
);
