import {
  boolean,
  computed,
  generated,
  instant,
  nullable,
  safeInteger,
  table,
  text,
  withDefault,
} from '@nefos/service-kit';

/** What every account has; one of the two others has the rest. */
export const cloudAccounts = table(
  'cloud_account',
  {
    id: generated(safeInteger()),
    userId: safeInteger(),
    name: text(),
    awsCloudAccountId: nullable(safeInteger()),
    nefosCloudAccountId: nullable(safeInteger()),
    cloudType: computed(text<'aws' | 'nefos'>()),
    /** A closed account and its instances are not listed; its usage stays. */
    closedAt: nullable(instant()),
    createdAt: withDefault(instant()),
    updatedAt: withDefault(instant()),
  },
  { primary: ['id'] },
);
export const awsAccounts = table(
  'aws_cloud_account',
  {
    id: generated(safeInteger()),
    awsAccountId: text(),
    accountArn: text(),
    awsAccessKeyId: nullable(text()),
    createdAt: withDefault(instant()),
    updatedAt: withDefault(instant()),
    /** Its account is closed: its role and its number are free for another. */
    closed: withDefault(boolean()),
  },
  { primary: ['id'] },
);
export const nefosAccounts = table(
  'nefos_cloud_account',
  {
    id: generated(safeInteger()),
    clientId: text(),
    /** Of the newest account event that took effect; older ones change nothing. */
    sequence: withDefault(safeInteger()),
    createdAt: withDefault(instant()),
    updatedAt: withDefault(instant()),
    /** The newest account event says that its client is gone. */
    ended: withDefault(boolean()),
  },
  { primary: ['id'] },
);
/** Accounts of our own cloud that were purged: events up to `deletedAt` have no effect, whenever they arrive. */
export const tombstones = table(
  'nefos_tombstone',
  { clientId: text(), deletedAt: instant() },
  { primary: ['clientId'] },
);
