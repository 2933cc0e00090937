import { statusesOf, type ApiDescription, type Contract } from '@nefos/contracts';
import type { Request, Response } from 'express';

const undeclaredAnswers = new Set<string>();
/**
 * Answers that the OpenAPI document does not declare, since the process began. The tests of every service end by
 * checking that there are none.
 */
export const listUndeclaredAnswers = (): string[] => [...undeclaredAnswers].sort();

/** Tests only: compares the answer to `req` with the OpenAPI document: its status, and the body of a refusal. */
export const watchAnswer = (req: Request, res: Response, api: ApiDescription, contract: Contract): void => {
  const chunks: string[] = [];
  const note = (chunk: unknown): void => {
    if (typeof chunk === 'string' || Buffer.isBuffer(chunk)) chunks.push(chunk.toString());
  };
  const judge = (): void => {
    const { statusCode: status } = res;
    const where = `${status} ${req.method} ${contract.path}`;
    // A 500 is never declared; the tests prove that none is sent.
    if (status !== 500 && !statusesOf(api, contract).includes(status))
      undeclaredAnswers.add(`${where}: the status is not declared`);
    if (status < 400) return;
    const { content } = api.refusal(status, contract);
    const body = chunks.join('');
    if (!body && content && req.method !== 'HEAD') undeclaredAnswers.add(`${where}: no body, though one is declared`);
    const schema = content?.['application/json'];
    if (!body.startsWith('{')) return;
    if (schema && !schema.safeParse(JSON.parse(body)).success)
      undeclaredAnswers.add(`${where}: not the body declared: ${body.slice(0, 300)}`);
  };
  const write = res.write.bind(res) as (...args: unknown[]) => boolean;
  const end = res.end.bind(res) as (...args: unknown[]) => Response;
  // An answer to a request whose body is not read comes in parts.
  res.write = ((...args: unknown[]) => {
    if (res.statusCode >= 400) note(args[0]);
    return write(...args);
  }) as typeof res.write;
  res.end = ((...args: unknown[]) => {
    note(args[0]);
    judge();
    return end(...args);
  }) as typeof res.end;
};
