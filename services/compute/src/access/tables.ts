import {
  boolean,
  computed,
  generated,
  instant,
  integer,
  nullable,
  safeInteger,
  table,
  text,
  uuid,
  withDefault,
  named,
  type Row,
} from '@nefos/service-kit';

// Tables that the look-up of a caller reads, and that later areas write.

/** The portal's users. Identity keeps their passwords and tokens. */
export const portalUsers = table(
  'portal_user',
  {
    id: generated(integer()),
    /** The user at identity. */
    uuid: uuid(),
    username: text(),
    email: text(),
    firstName: withDefault(text()),
    lastName: withDefault(text()),
    isActive: withDefault(boolean()),
    isStaff: withDefault(boolean()),
    isSuperuser: withDefault(boolean()),
    externalBillingId: nullable(text()),
    /** Whether identity knows that the user may sign in. */
    activated: withDefault(boolean()),
    /** Whether identity has the user because of the portal: then it goes there with the user here. */
    madeHere: withDefault(boolean()),
    /** Set while the user is being removed at identity. */
    deletedAt: nullable(instant()),
    createdAt: withDefault(instant()),
    /** The number of the last change of `isActive` that was made here. */
    stateSequence: withDefault(safeInteger()),
    /** The number of the last change of `isActive` that identity knows of. */
    knownSequence: named('told_sequence', withDefault(safeInteger())),
    /** When identity last changed `isActive`. */
    stateAt: nullable(instant()),
    searchText: computed(text()),
  },
  { primary: ['id'] },
);
export type PortalUser = Row<typeof portalUsers>;

/** Which users belong to which clients. The first client of a user, by position, is the user's default. */
export const clientUsers = table(
  'client_user',
  { clientId: integer(), userId: integer(), isOwner: withDefault(boolean()), position: generated(safeInteger()) },
  { primary: ['clientId', 'userId'] },
);

/** What the portal knows of tokens that it had issued; the keys themselves are at identity, hashed. */
export const portalTokens = table(
  'portal_token',
  {
    id: generated(integer()),
    userId: integer(),
    name: text(),
    readOnly: withDefault(boolean()),
    /** The token's public name at identity. */
    auditId: nullable(text()),
    createdAt: withDefault(instant()),
    expiresAt: nullable(instant()),
    /** Refused here from then on; the row is removed once identity has revoked the token. */
    revokedAt: nullable(instant()),
    /** Whether identity knows that the token is read-only. */
    readOnlyAtIdentity: named('read_only_told', withDefault(boolean())),
  },
  { primary: ['id'] },
);
export type PortalToken = Row<typeof portalTokens>;
