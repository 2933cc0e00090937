import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Express } from 'express';
import type { IdentityCtx } from '../ctx.js';

export const hotPaths = (_ctx: IdentityCtx, _app: Express) => (_req: IncomingMessage, _res: ServerResponse): boolean => false;
