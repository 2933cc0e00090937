import type { IntrospectionCtx } from '../../ctx.js';
import { rescueNodes } from '../domain/rescue.js';

export const provisioningSweeps = [
  { name: 'provisioning.rescue', everySeconds: 15, work: (ctx: IntrospectionCtx) => rescueNodes(ctx) },
];
