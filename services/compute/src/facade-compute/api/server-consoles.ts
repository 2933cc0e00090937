import { facadeCompute } from '@nefos/contracts';
import { endpointFor } from '@nefos/service-kit';
import { offerConsole } from '../../consoles/domain/consoles.js';
import type { ComputeCtx, ComputeRequest } from '../../ctx.js';
import { faceFault } from '../../facade/api/refused.js';
import { getServer, onServer } from './in-nova.js';
import { demandSince } from './versioned.js';

const endpoint = endpointFor<ComputeCtx>();
/** The kinds of consoles that Nefos has, as Nova calls them. */
const KINDS = { novnc: 'vnc', serial: 'serial' } as const;

/**
 * Where a console of a server is shown.
 * @param type as Nova calls it
 * @throws Fault as `offerConsole`; invalid: not a kind that Nefos has
 */
export const consoleOf = async (ctx: ComputeRequest, id: string, type: string): Promise<string> => {
  await getServer(ctx, id);
  if (type !== 'novnc' && type !== 'serial') throw faceFault('invalid', `Unavailable console type ${type}.`);
  return (await onServer(id, () => offerConsole(ctx, id, KINDS[type]))).url;
};

export const serverConsoleEndpoints = [
  endpoint(facadeCompute.openRemoteConsole, async (ctx, { params: { id }, body: { remote_console: wanted } }) => {
    demandSince(ctx, 6);
    const { protocol, type } = wanted;
    if ((type === 'serial' || type === 'novnc') && KINDS[type] !== protocol)
      throw faceFault('invalid', `The console type ${type} is not one of the protocol ${protocol}.`);
    return { remote_console: { protocol, type, url: await consoleOf(ctx, id, type) } };
  }),
];
