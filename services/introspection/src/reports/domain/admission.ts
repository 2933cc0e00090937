import { Fault, forbidden, isTrustedPeer, parsePeers } from '@nefos/service-kit';
import { senderOf } from '../../addresses.js';
import type { IntrospectionConfig } from '../../config.js';
import { Rate } from './rate.js';

/** How many seconds' worth of reports may come at once: a rack that boots together calls back together. */
const BURST_SECONDS = 10;
/** Who may send reports at all, and how often (contract introspection §12.2). */
export interface Admission {
  /** @throws Fault forbidden report.source; too_many report.rate */
  demand(address: string): void;
}
export const createAdmission = (config: IntrospectionConfig): Admission => {
  const networks = config.NEFOS_INTROSPECTION_CALLBACK_NETWORKS;
  const allowed = parsePeers(networks);
  const perSecond = config.NEFOS_INTROSPECTION_CALLBACK_RATE;
  const rate = new Rate(perSecond, perSecond * BURST_SECONDS);
  return {
    demand: (address) => {
      if (networks.trim() !== '' && !isTrustedPeer(allowed, address)) throw forbidden('report.source');
      if (!rate.allows(senderOf(address), Date.now())) throw new Fault('too_many', 'report.rate', { retryAfter: 1 });
    },
  };
};
