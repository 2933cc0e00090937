// @ts-check
// The OpenStack driver against a real OpenStack: the conformance suite of all drivers, then a whole Nefos whose region
// is that cloud. The cloud and compute are killed in the middle.
import { startPrivateStack } from '../lib/private-stack.mjs';
import { startCinder, whyNoCinder } from './openstack-cinder.mjs';
import { runConformance } from './conformance.mjs';
import { openCloud } from './openstack-cloud.mjs';
import { HOSTS, startHost } from './openstack-host.mjs';
import { lives } from './openstack-lives.mjs';
import { killedCloud } from './openstack-killed.mjs';
import { networking } from './openstack-networking.mjs';
import { startPeer, whyNoPeer } from './openstack-peer.mjs';
import { makeRegion } from './openstack-region.mjs';
import { volumes } from './openstack-volumes.mjs';
import { openPortal } from './portal.mjs';

const SUITES = ['driver', 'networks'].map((name) => `services/compute/test/interop/openstack-${name}.interop.ts`);

const VOLUMES = 'services/compute/test/interop/openstack-volumes.interop.ts';

/** Settings of a cloud with Cinder. */
const WITH_VOLUMES = { volumes: true, volume_backups: true };
/**
 * @param {import('../lib/private-stack.mjs').PrivateStack} stack @param {import('./openstack-peer.mjs').Peer} peer
 * @param {import('./reporter.mjs').Reporter} reporter
 * @param {Awaited<ReturnType<typeof startCinder>>} [cinder]
 */
export const useCloud = async (stack, peer, reporter, cinder) => {
  const cloud = await openCloud(peer);
  const settings = { ...peer.settings, ...(cinder && WITH_VOLUMES) };
  const region = await makeRegion(openPortal(stack), cloud, { ...peer, settings }, reporter);
  await lives(region, reporter);
  await networking(region, reporter);
  if (cinder) await volumes(region, reporter, cinder);
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
  /** What is to be ended, the last first. @type {(() => unknown)[]} */
  const ends = [() => peer.stop()];
  const endAll = async () => {
    for (const end of ends.splice(0)) await end();
  };
  // One that is interrupted leaves nothing behind.
  const interrupted = () => {
    void endAll().finally(() => process.exit(1));
  };
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, interrupted);
  try {
    const cloud = await openCloud(peer);
    ends.unshift(await startHost(peer.run, cloud));
    const { settings, secrets, restart } = peer;
    const iso = await cloud.makeIso();
    ends.unshift(() => cloud.deleteImage(iso));
    const given = JSON.stringify({ settings, secrets, restart, hosts: HOSTS });
    for (const suite of SUITES) reporter.add(await runConformance(suite, { NEFOS_TEST_OPENSTACK: given }));
    const whyNot = whyNoCinder();
    if (whyNot) reporter.skip('volumes of the OpenStack driver', whyNot);
    const cinder = whyNot ? undefined : await startCinder(peer.run, cloud);
    if (cinder) {
      ends.unshift(cinder.stop);
      const withVolumes = JSON.stringify({ settings: { ...settings, ...WITH_VOLUMES }, secrets });
      reporter.add(await runConformance(VOLUMES, { NEFOS_TEST_OPENSTACK: withVolumes }));
    }
    const stack = await startPrivateStack();
    ends.unshift(stack.stop);
    await useCloud(stack, peer, reporter, cinder);
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM']) process.off(signal, interrupted);
    await endAll();
  }
};
