import type { IntrospectionCtx } from '../../ctx.js';
import { demandNode } from '../../nodes/domain/nodes.js';
import { validateBmc } from './bmcs.js';

/** What this service does not do with machines. */
const UNSUPPORTED = ['bios', 'console', 'deploy', 'firmware', 'raid', 'rescue'];
/** What needs nothing of `driver_info`. */
const FREE = ['network', 'storage'];
/** Whether an interface can be used; null: there is none. */
export interface InterfaceCheck {
  result: boolean | null;
  reason?: string;
}
/** @throws Fault not_found node.absent */
export const validateNode = async (ctx: IntrospectionCtx, ref: string): Promise<Record<string, InterfaceCheck>> => {
  const node = await demandNode(ctx.db, ref);
  const own = Object.entries(validateBmc(ctx, node)).map(([name, { result, reason }]): [string, InterfaceCheck] => [
    name,
    { result, ...(!result && { reason: reason ?? 'No reason is given.' }) },
  ]);
  const others = [
    ...FREE.map((name): [string, InterfaceCheck] => [name, { result: true }]),
    ...UNSUPPORTED.map((name): [string, InterfaceCheck] => [name, { result: null, reason: 'not supported' }]),
  ];
  return Object.fromEntries([...own, ...others].sort(([a], [b]) => a.localeCompare(b)));
};
