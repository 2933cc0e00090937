// @ts-check
// Everything that is typed, in order, by part. docs/openstack-clients.md has a row for each command, made from it.
import { moreComputeSteps } from './steps-compute-more.mjs';
import { computeSteps, lastComputeSteps } from './steps-compute.mjs';
import { moreImageSteps } from './steps-images-more.mjs';
import { imageSteps, lastImageSteps } from './steps-images.mjs';
import { moreNetworkSteps } from './steps-networks-more.mjs';
import { lastNetworkSteps, networkSteps } from './steps-networks.mjs';
import { moreServerSteps } from './steps-servers-more.mjs';
import { lastServerSteps, serverSteps } from './steps-servers.mjs';
import { moreVolumeSteps } from './steps-volumes-more.mjs';
import { lastVolumeSteps, volumeSteps } from './steps-volumes.mjs';

/** What a part makes first is what those after it need; what it makes besides is gone at its end. */
const PARTS = [
  { name: 'compute', first: computeSteps, more: moreComputeSteps, last: lastComputeSteps },
  { name: 'images', first: imageSteps, more: moreImageSteps, last: lastImageSteps },
  { name: 'networks', first: networkSteps, more: moreNetworkSteps, last: lastNetworkSteps },
  { name: 'volumes', first: volumeSteps, more: moreVolumeSteps, last: lastVolumeSteps },
  { name: 'servers', first: serverSteps, more: moreServerSteps, last: lastServerSteps },
];
/** Names of parts. */
export const PART_NAMES = PARTS.map(({ name }) => name);
/**
 * What is typed of some parts: those before them make what they need, and do no more than that.
 * @param {readonly string[]} asked names of parts
 */
export const stepsOf = (asked) => {
  const last = PARTS.findLastIndex(({ name }) => asked.includes(name));
  const parts = PARTS.slice(0, last + 1);
  return [
    ...parts.flatMap(({ name, first, more }) => (asked.includes(name) ? [...first, ...more] : first)),
    ...parts.reverse().flatMap((part) => part.last),
  ];
};
export const ALL_STEPS = stepsOf(PART_NAMES);
