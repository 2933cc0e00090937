import { statusesOf, type ApiDescription, type Contract } from '@nefos/contracts';
import type { Request, Response } from 'express';

const strays = new Set<string>();
/** Answers that no document promises, since the process began. The tests of every service end by asking for them. */
export const strayAnswers = (): string[] => [...strays].sort();

/** Tests only: compares the answer to `req` with what the document says of the endpoint, its status and the body of a refusal. */
export const watchAnswer = (req: Request, res: Response, api: ApiDescription, contract: Contract): void => {
  const end = res.end.bind(res) as (...args: unknown[]) => Response;
  const judge = (chunk: unknown): void => {
    const { statusCode: status } = res;
    const where = `${status} ${req.method} ${contract.path}`;
    // A 500 is never promised; that none is sent is what the tests themselves prove.
    if (status !== 500 && !statusesOf(api, contract).includes(status)) strays.add(`${where}: the status is not declared`);
    const body = typeof chunk === 'string' || Buffer.isBuffer(chunk) ? chunk.toString() : '';
    if (status < 400 || !body.startsWith('{')) return;
    const schema = api.refusal(status, contract).content?.['application/json'];
    if (schema && !schema.safeParse(JSON.parse(body)).success) strays.add(`${where}: not the body declared: ${body.slice(0, 300)}`);
  };
  res.end = ((...args: unknown[]) => {
    judge(args[0]);
    return end(...args);
  }) as typeof res.end;
};
