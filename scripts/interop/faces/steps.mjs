// @ts-check
// Everything that is typed, in order. docs/openstack-clients.md has a row for each command, made from it.
import { computeSteps, lastComputeSteps } from './steps-compute.mjs';
import { imageSteps, lastImageSteps } from './steps-images.mjs';
import { lastNetworkSteps, networkSteps } from './steps-networks.mjs';
import { serverSteps } from './steps-servers.mjs';
import { lastVolumeSteps, volumeSteps } from './steps-volumes.mjs';

export const ALL_STEPS = [
  ...computeSteps,
  ...imageSteps,
  ...networkSteps,
  ...volumeSteps,
  ...serverSteps,
  ...lastVolumeSteps,
  ...lastImageSteps,
  ...lastNetworkSteps,
  ...lastComputeSteps,
];
