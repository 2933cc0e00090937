import { ensureJob } from '@nefos/service-kit';
import type { IntrospectionCtx } from '../../ctx.js';
import { STATES } from '../../nodes/domain/provision-states.js';
import { listStillNodes } from '../store/transitions.js';
import { rescueInspection } from './inspect.js';
import { keyOf, VERIFY } from './task-names.js';

/** So long a node may be on the way before somebody looks whether its job is lost. */
const STILL_SECONDS = 30;
const eachStill = async (ctx: IntrospectionCtx, state: string, work: (uuid: string) => Promise<unknown>) => {
  for (let after = 0; ;) {
    const portion = await listStillNodes(ctx.db, state, STILL_SECONDS, after);
    for (const { uuid } of portion) await work(uuid);
    const last = portion.at(-1);
    if (!last) return;
    after = last.id;
  }
};
/** Gives nodes that are being verified or inspected their jobs back, where these are lost. */
export const rescueNodes = async (ctx: IntrospectionCtx): Promise<void> => {
  await eachStill(ctx, STATES.verifying, (node) =>
    ctx.db.transaction((tx) => ensureJob(tx, VERIFY, { node, attempt: 1 }, { key: keyOf(VERIFY, node) })),
  );
  await eachStill(ctx, STATES.inspecting, (node) => rescueInspection(ctx, node));
};
