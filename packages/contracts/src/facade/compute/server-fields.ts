import { z } from 'zod';
import { idParams } from '../fields.js';

// What the declarations of everything below a server have in common.

export const user = { access: 'user', source: 'contract compute §12.3' } as const;
export const AT = '/compute/v2.1/servers/:id';
const text = z.string().max(255);
export const withPart = <N extends string>(part: N) => idParams.extend({ [part]: text } as Record<N, typeof text>);
export const document = z.looseObject({});
