import { metering } from '@nefos/contracts';
import type { Request, Response } from 'express';
import { listUndeclaredAnswers, watchAnswer } from '../src/index.js';

const answer = (status: number, body: unknown, method = 'GET'): string[] => {
  const res = { statusCode: status, end: () => undefined, write: () => true } as unknown as Response;
  watchAnswer({ method } as Request, res, metering.meteringApi, metering.getAccount);
  res.end(JSON.stringify(body));
  return listUndeclaredAnswers();
};
it('an answer that the document does not promise is noted: its status, or the body of a refusal', () => {
  expect(answer(200, { any: 'body' })).toEqual([]);
  expect(answer(404, { detail: 'Not found.' })).toEqual([]);
  expect(answer(404, undefined, 'HEAD')).toEqual([]);
  expect(answer(409, { detail: 'x' })).toEqual(['409 GET /v2/accounts/:id/: the status is not declared']);
  expect(answer(404, undefined)).toContain('404 GET /v2/accounts/:id/: no body, though one is declared');
  expect(answer(404, { error: 'x' })).toContain('404 GET /v2/accounts/:id/: not the body declared: {"error":"x"}');
});
