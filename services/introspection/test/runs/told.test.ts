import { randomUUID } from 'node:crypto';
import { forgetReplacedEvents } from '../../src/runs/domain/told.js';
import { useRuns } from './support.js';

const service = useRuns();
const tell = async (node: string, n: number): Promise<void> => {
  for (let i = 0; i < n; i += 1)
    await service.rows('insert into outbox (event_id, aggregate, payload) values ($1, $2, $3)', [
      randomUUID(),
      node,
      JSON.stringify({ i }),
    ]);
};

it('of the events of a node the newest stays; those of nodes that are gone go', async () => {
  const [one, other] = [await service.node(), await service.node()];
  await tell(one, 3);
  await tell(other, 1);
  await tell(randomUUID(), 2);
  expect(await forgetReplacedEvents(service.ctx)).toBe(4);
  expect(
    await service.rows("select aggregate, payload->>'i' i from outbox order by aggregate = $1 desc", [one]),
  ).toEqual([
    { aggregate: one, i: '2' },
    { aggregate: other, i: '0' },
  ]);
  expect(await forgetReplacedEvents(service.ctx)).toBe(0);
});
