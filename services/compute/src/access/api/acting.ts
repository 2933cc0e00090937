import type { Request } from 'express';
import { lastOf } from '../../lists/list-query.js';

/** The client that an end user with several acts for: `X-Client-Id` or `?client=` (contract compute §13). */
export const actingOf = (req: Request): string | undefined =>
  req.get('x-client-id') ?? lastOf((req.query as Record<string, unknown>).client);
