import type { ComputeRequest } from '../../ctx.js';
import { dbOf } from '../../access/domain/claim.js';
import { inOne } from '../../facade/domain/in-one.js';
import { lockInstance } from '../../instances/domain/instances.js';
import { changeRecord } from '../store/records.js';

/** Locks a server, with why. @throws Fault as `lockInstance` */
export const lockServer = (ctx: ComputeRequest, id: string, lockedReason: string | null): Promise<void> =>
  inOne(ctx, async (joint) => {
    await lockInstance(joint, id, true);
    await dbOf(joint).transaction((tx) => changeRecord(tx, id, { lockedReason }));
  });
/** @throws Fault as `lockInstance` */
export const unlockServer = (ctx: ComputeRequest, id: string): Promise<void> =>
  inOne(ctx, async (joint) => {
    await lockInstance(joint, id, false);
    await dbOf(joint).transaction((tx) => changeRecord(tx, id, { lockedReason: null }));
  });
