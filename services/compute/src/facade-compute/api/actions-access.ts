import { facadeCompute } from '@nefos/contracts';
import { Reply } from '@nefos/service-kit';
import { z } from 'zod';
import type { ComputeRequest } from '../../ctx.js';
import { faceFault } from '../../facade/api/refused.js';
import { inOne } from '../../facade/domain/in-one.js';
import { offerConsole } from '../../consoles/domain/consoles.js';
import { readConsole } from '../../instances/domain/actions.js';
import * as interfaces from '../../instances/domain/interfaces.js';
import { groupForServer, groupThere } from '../domain/region-groups.js';
import { floatingIpWith, groupNamed, portOn } from '../domain/server-parts.js';
import { getServer } from '../domain/servers.js';
import { action, type Action } from './action.js';

const length = facadeCompute.novaInteger(-1, 2_147_483_647).nullish();
const address = facadeCompute.novaAddress;
const LINES = 10_000;

/** The kinds that Nefos has. */
const CONSOLES = { novnc: 'vnc', serial: 'serial' } as const;
/**
 * A console of one of Nova's types.
 * @param protocol as the request names it, where it does
 * @throws Fault invalid
 */
export const consoleOf = async (
  ctx: ComputeRequest,
  id: string,
  { type, protocol }: { type: string; protocol?: string },
): Promise<{ type: string; url: string }> => {
  if (!Object.hasOwn(CONSOLES, type)) throw faceFault('invalid', `Unavailable console type ${type.slice(0, 50)}.`);
  const kind = CONSOLES[type as keyof typeof CONSOLES];
  if (protocol !== undefined && protocol !== kind)
    throw faceFault('invalid', `Console type ${type} is not one of protocol ${protocol.slice(0, 50)}.`);
  const { url } = await offerConsole(ctx, id, kind);
  return { type, url };
};
const oldConsole = (...types: [string, ...string[]]): Action =>
  action(
    z.strictObject({ type: z.enum(types) }),
    async (ctx, id, { type }) => new Reply({ console: await consoleOf(ctx, id, { type }) }, { status: 200 }),
    { until: 6 },
  );
const group = z.strictObject({ name: z.string().min(1).max(255) });

/** Consoles, addresses, security groups. */
export const accessActions = {
  'os-getConsoleOutput': action(z.strictObject({ length }), async (ctx, id, args) => {
    const lines = args.length ?? -1;
    return new Reply(
      { output: await readConsole(ctx, id, lines < 0 ? LINES : Math.min(lines, LINES)) },
      { status: 200 },
    );
  }),
  'os-getVNCConsole': oldConsole('novnc', 'xvpvnc'),
  'os-getSPICEConsole': oldConsole('spice-html5'),
  'os-getRDPConsole': oldConsole('rdp-html5'),
  'os-getSerialConsole': oldConsole('serial'),
  addFloatingIp: action(
    z.strictObject({ address, fixed_address: address.optional() }),
    async (ctx, id, args) => {
      const floatingIp = await floatingIpWith(ctx, id, args.address);
      await interfaces.addFloatingIp(ctx, id, { floatingIp, network: null, fixedIp: args.fixed_address ?? null });
    },
    { until: 44 },
  ),
  removeFloatingIp: action(
    z.strictObject({ address }),
    async (ctx, id, args) => {
      await interfaces.removeFloatingIp(ctx, id, await floatingIpWith(ctx, id, args.address));
    },
    { until: 44 },
  ),
  addFixedIp: action(
    z.strictObject({ networkId: z.union([z.string().min(1).max(36), z.number().transform(String)]) }),
    async (ctx, id, { networkId }) => {
      const port = await portOn(ctx, id, networkId);
      await interfaces.addIp(ctx, id, { port, subnet: null, fixedIp: null });
    },
    { until: 44 },
  ),
  removeFixedIp: action(
    z.strictObject({ address }),
    async (ctx, id, args) => {
      await interfaces.removeIp(ctx, id, args.address);
    },
    { until: 44 },
  ),
  addSecurityGroup: action(group, async (ctx, id, { name }) => {
    await inOne(ctx, async (joint) => {
      const here = await groupForServer(joint, await getServer(joint, id), name);
      await interfaces.addGroup(joint, id, await groupNamed(joint, id, here));
    });
  }),
  removeSecurityGroup: action(group, async (ctx, id, { name }) => {
    const here = await groupThere(ctx, await getServer(ctx, id), name);
    await interfaces.removeGroup(ctx, id, await groupNamed(ctx, id, here));
  }),
};
