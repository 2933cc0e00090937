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

export type ImageStatus = 'pending' | 'preparing' | 'inspecting' | 'inspected' | 'error' | 'unavailable';
/** What every image has; one of the two others has the rest. */
export const machineImages = table(
  'machine_image',
  {
    id: generated(safeInteger()),
    /** Text as the inspector wrote it. */
    inspectionJson: nullable(text()),
    isEncrypted: withDefault(boolean()),
    status: withDefault(text<ImageStatus>()),
    rhelDetected: withDefault(boolean()),
    rhelChallenged: withDefault(boolean()),
    rhelVersion: nullable(text()),
    /** JSON text, as it was found. */
    syspurpose: nullable(text()),
    openshiftDetected: withDefault(boolean()),
    openshiftChallenged: withDefault(boolean()),
    name: nullable(text()),
    awsMachineImageId: nullable(safeInteger()),
    nefosMachineImageId: nullable(safeInteger()),
    cloudType: computed(text<'aws' | 'nefos'>()),
    /** Whether its runs count in concurrency. */
    counted: computed(boolean()),
    createdAt: withDefault(instant()),
    updatedAt: withDefault(instant()),
  },
  { primary: ['id'] },
);
export const awsImages = table(
  'aws_machine_image',
  {
    id: generated(safeInteger()),
    ec2AmiId: text(),
    platform: withDefault(text()),
    ownerAwsAccountId: nullable(text()),
    region: nullable(text()),
    awsMarketplaceImage: withDefault(boolean()),
    createdAt: withDefault(instant()),
    updatedAt: withDefault(instant()),
  },
  { primary: ['id'] },
);
export const nefosImages = table(
  'nefos_machine_image',
  {
    id: generated(safeInteger()),
    imageUuid: text(),
    osDistro: nullable(text()),
    createdAt: withDefault(instant()),
    updatedAt: withDefault(instant()),
  },
  { primary: ['id'] },
);
