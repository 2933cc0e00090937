import { metering } from '@nefos/contracts';
import type { Request, Response } from 'express';
import { strayAnswers, watchAnswer } from '../src/index.js';

const answer = (status: number, body: unknown): string[] => {
  const res = { statusCode: status, end: () => undefined } as unknown as Response;
  watchAnswer({ method: 'GET' } as Request, res, metering.meteringApi, metering.getAccount);
  res.end(JSON.stringify(body));
  return strayAnswers();
};
it('an answer that the document does not promise is noted: its status, or the body of a refusal', () => {
  expect(answer(200, { any: 'body' })).toEqual([]);
  expect(answer(404, { detail: 'Not found.' })).toEqual([]);
  expect(answer(409, { detail: 'x' })).toEqual(['409 GET /v2/accounts/:id/: the status is not declared']);
  expect(answer(404, { error: 'x' })).toContain('404 GET /v2/accounts/:id/: not the body declared: {"error":"x"}');
});
