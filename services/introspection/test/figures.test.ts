import { addFigures } from '../src/figures.js';
import { newBmc, newMac, report, send, waitingNode } from './reports/support.js';
import { useService } from './support.js';

const service = useService();
const text = (name: string): Promise<string> => service.ctx.metrics.registry.getSingleMetricAsString(name);
it('runs are counted by their state, those without any as 0', async () => {
  await waitingNode(service);
  addFigures(service.ctx);
  const shown = await text('nefos_introspection_runs');
  expect(shown).toMatch(/state="waiting".* 1$/m);
  expect(shown).toMatch(/state="aborting".* 0$/m);
});
it('reports are counted by what became of them', async () => {
  const m = await waitingNode(service);
  expect((await send(service, report(m))).status).toBe(200);
  expect((await send(service, report({ ...m, bmc: newBmc(), mac: newMac(), mac2: newMac() }))).status).toBe(400);
  expect((await send(service, '[]')).status).toBe(400);
  const shown = await text('nefos_introspection_reports_total');
  for (const outcome of ['taken', 'report.unrecognised', 'report.form'])
    expect(shown).toMatch(new RegExp(`outcome="${outcome}".* 1$`, 'm'));
});
