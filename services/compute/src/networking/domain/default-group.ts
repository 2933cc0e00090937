import { randomUUID } from 'node:crypto';
import type { Tx } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import { findDefaultGroup, insertDefaultGroup, insertRules, type NewRule } from '../store/security-groups.js';
import { touch } from './touch.js';

const FAMILIES = ['IPv4', 'IPv6'] as const;
/** What a new group lets through: everything out; the default group also what comes from itself. */
export const firstRules = (groupId: string, { fromItself }: { fromItself: boolean }): NewRule[] => [
  ...FAMILIES.map((ethertype) => ({
    id: randomUUID(),
    securityGroupId: groupId,
    direction: 'egress' as const,
    ethertype,
  })),
  ...(fromItself
    ? FAMILIES.map((ethertype) => ({
        id: randomUUID(),
        securityGroupId: groupId,
        direction: 'ingress' as const,
        ethertype,
        remoteGroupId: groupId,
      }))
    : []),
];
/** The project's default group in a region: made when it is first needed, once, also by two at once. @returns its id */
export const defaultGroup = async (
  ctx: Pick<ComputeCtx, 'drivers'>,
  tx: Tx,
  { projectId, regionId }: { projectId: string; regionId: string },
): Promise<string> => {
  const found = await findDefaultGroup(tx, projectId, regionId);
  if (found !== undefined) return found;
  const id = randomUUID();
  const made = await insertDefaultGroup(tx, { id, projectId, regionId, description: 'Default security group' });
  // Made by another request meanwhile, which has committed since.
  if (!made) return (await findDefaultGroup(tx, projectId, regionId)) as string;
  await insertRules(tx, firstRules(id, { fromItself: true }));
  await touch(ctx, tx, 'security_group', { id, regionId }, 'created');
  return id;
};
