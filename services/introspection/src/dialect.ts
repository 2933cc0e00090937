import type { Contract } from '@nefos/contracts';
import { decodeUtf8, keepDigits, parseJsonText, readRawBody, type Dialect } from '@nefos/service-kit';
import { demandRole } from './access/domain/policy.js';
import type { IntrospectionCtx } from './ctx.js';

const BODY_LIMIT = 1024 * 1024;
/** What both APIs have in common: who calls, whatever the form, and JSON whatever the Content-Type. */
export const common: Pick<Dialect<IntrospectionCtx>, 'order' | 'head' | 'authenticate' | 'readBody'> = {
  order: 'method-first',
  head: () => true,
  authenticate: async (ctx, req, _res, contract: Contract) => {
    if (contract.access === 'public') return null;
    const principal = await ctx.authenticate(req);
    ctx.principal = principal; // for the security log
    demandRole(contract, principal);
    return principal;
  },
  readBody: async (req, { area }) => {
    const raw = await readRawBody(req, BODY_LIMIT);
    // Rules tell 2048.0 from 2048.
    return raw.length ? parseJsonText(decodeUtf8(raw), keepDigits, area === 'rules') : undefined;
  },
};
