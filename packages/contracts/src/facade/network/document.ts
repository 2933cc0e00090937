import { z } from 'zod';
import { faceApi } from '../document.js';

/** Neutron's API (contract compute §12.5). */
export const networkFaceApi = faceApi({
  title: 'Nefos: the OpenStack Network API',
  description: 'What Neutron answers, v2.0, on the networks of the portal.',
  areas: { 'facade-network': 'Networks, subnets, ports, routers, floating IPs, security groups.' },
  fault: z.object({ NeutronError: z.object({ type: z.string(), message: z.string(), detail: z.string() }) }),
});
