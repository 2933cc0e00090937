import { Reply } from '@nefos/service-kit';
import { z } from 'zod';
import type { ComputeRequest } from '../../ctx.js';
import { faceFault } from '../../facade/api/refused.js';
import { offerConsole } from '../../consoles/domain/consoles.js';
import { readConsole } from '../../instances/domain/actions.js';
import * as interfaces from '../../instances/domain/interfaces.js';
import { inNovaWords } from '../domain/domain-words.js';
import { floatingIpWith, groupNamed } from '../domain/server-parts.js';
import { action, type Action } from './action.js';

const text = z.string().max(255);
const length = z.union([z.int().min(-1).max(1_000_000), z.string().regex(/^-?\d{1,6}$/)]).nullish();
const LINES = 10_000;

const CONSOLES = { novnc: 'vnc', xvpvnc: 'vnc', 'spice-html5': 'vnc', serial: 'serial' } as const;
/** A console of one of Nova's types. @throws Fault invalid */
export const consoleOf = async (
  ctx: ComputeRequest,
  id: string,
  type: string,
): Promise<{ type: string; url: string }> => {
  if (!Object.hasOwn(CONSOLES, type)) throw faceFault('invalid', `Unacceptable console type ${type.slice(0, 50)}`);
  const { url } = await offerConsole(ctx, id, CONSOLES[type as keyof typeof CONSOLES]);
  return { type, url };
};
const oldConsole: Action = action(
  z.strictObject({ type: text }),
  async (ctx, id, { type }) => new Reply({ console: await consoleOf(ctx, id, type) }, { status: 200 }),
  { until: 6 },
);
const group = z.strictObject({ name: text });

/** Consoles, addresses, security groups. */
export const accessActions = {
  'os-getConsoleOutput': action(z.strictObject({ length }).nullish(), async (ctx, id, args) => {
    const lines = Number(args?.length ?? -1);
    return new Reply(
      { output: await readConsole(ctx, id, lines < 0 ? LINES : Math.min(lines, LINES)) },
      { status: 200 },
    );
  }),
  'os-getVNCConsole': oldConsole,
  'os-getSPICEConsole': oldConsole,
  'os-getSerialConsole': oldConsole,
  addFloatingIp: action(
    z.strictObject({ address: z.string().max(64), fixed_address: z.string().max(64).nullish() }),
    async (ctx, id, args) => {
      const floatingIp = await floatingIpWith(ctx, args.address);
      await inNovaWords(() =>
        interfaces.addFloatingIp(ctx, id, { floatingIp, network: null, fixedIp: args.fixed_address ?? null }),
      );
    },
    { until: 44 },
  ),
  removeFloatingIp: action(
    z.strictObject({ address: z.string().max(64) }),
    async (ctx, id, { address }) => {
      await interfaces.removeFloatingIp(ctx, id, await floatingIpWith(ctx, address));
    },
    { until: 44 },
  ),
  addSecurityGroup: action(group, async (ctx, id, { name }) => {
    await interfaces.addGroup(ctx, id, await groupNamed(ctx, id, name));
  }),
  removeSecurityGroup: action(group, async (ctx, id, { name }) => {
    await interfaces.removeGroup(ctx, id, await groupNamed(ctx, id, name));
  }),
};
