// @ts-check
// The OpenStack driver against a real OpenStack: the conformance suite of all drivers, then a whole Nefos whose region
// is that cloud. The cloud and compute are killed in the middle.
import { startPrivateStack } from '../lib/private-stack.mjs';
import { runConformance } from './conformance.mjs';
import { openCloud } from './openstack-cloud.mjs';
import { HOSTS, startHost } from './openstack-host.mjs';
import { lives } from './openstack-lives.mjs';
import { killedCloud } from './openstack-killed.mjs';
import { networking } from './openstack-networking.mjs';
import { startPeer, whyNoPeer } from './openstack-peer.mjs';
import { makeRegion } from './openstack-region.mjs';
import { openPortal } from './portal.mjs';

const SUITES = ['driver', 'networks'].map((name) => `services/compute/test/interop/openstack-${name}.interop.ts`);

/**
 * @param {import('../lib/private-stack.mjs').PrivateStack} stack @param {import('./openstack-peer.mjs').Peer} peer
 * @param {import('./reporter.mjs').Reporter} reporter
 */
export const useCloud = async (stack, peer, reporter) => {
  const cloud = await openCloud(peer);
  const region = await makeRegion(openPortal(stack), cloud, peer, reporter);
  await lives(region, reporter);
  await networking(region, reporter);
  await killedCloud(region, peer, reporter);
  await region.clear(reporter);
};

/** @param {import('./reporter.mjs').Reporter} reporter */
export const tryOpenstackDriver = async (reporter) => {
  const why = whyNoPeer();
  if (why) {
    reporter.skip('the OpenStack driver against a real OpenStack', why);
    return;
  }
  const peer = startPeer();
  try {
    const stopHost = await startHost(peer.run);
    try {
      const { settings, secrets, restart } = peer;
      const cloud = await openCloud(peer);
      const iso = await cloud.makeIso();
      try {
        const given = JSON.stringify({ settings, secrets, restart, hosts: HOSTS });
        for (const suite of SUITES) reporter.add(await runConformance(suite, { NEFOS_TEST_OPENSTACK: given }));
        const stack = await startPrivateStack();
        try {
          await useCloud(stack, peer, reporter);
        } finally {
          await stack.stop();
        }
      } finally {
        await cloud.deleteImage(iso);
      }
    } finally {
      await stopHost();
    }
  } finally {
    peer.stop();
  }
};
