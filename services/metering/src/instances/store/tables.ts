import {
  boolean,
  computed,
  generated,
  instant,
  nullable,
  safeInteger,
  table,
  text,
  uuid,
  withDefault,
} from '@nefos/service-kit';

/** What every instance has; one of the two others has the rest. */
export const instances = table(
  'instance',
  {
    id: generated(safeInteger()),
    /** The owner of the account; an account never changes hands. */
    userId: safeInteger(),
    cloudAccountId: safeInteger(),
    machineImageId: nullable(safeInteger()),
    awsInstanceId: nullable(safeInteger()),
    nefosInstanceId: nullable(safeInteger()),
    cloudType: computed(text<'aws' | 'nefos'>()),
    /** Its account is closed. */
    closed: withDefault(boolean()),
    createdAt: withDefault(instant()),
    updatedAt: withDefault(instant()),
  },
  { primary: ['id'] },
);
export const awsInstances = table(
  'aws_instance',
  {
    id: generated(safeInteger()),
    ec2InstanceId: text(),
    region: text(),
    createdAt: withDefault(instant()),
    updatedAt: withDefault(instant()),
  },
  { primary: ['id'] },
);
export const nefosInstances = table(
  'nefos_instance',
  {
    id: generated(safeInteger()),
    instanceUuid: uuid(),
    region: text(),
    createdAt: withDefault(instant()),
    updatedAt: withDefault(instant()),
  },
  { primary: ['id'] },
);
