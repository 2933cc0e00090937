// @ts-check
// What a run was: tables of requests, faults, acknowledged writes and proofs.
import { bold, dim, green, red, table } from '../lib/progress.mjs';

const classOf = (status) =>
  status === 0 ? 'no answer' : status >= 500 ? String(status) : `${Math.floor(status / 100)}xx`;

export const report = ({ wire, journal, faultCounts, results, watch, calms }) => {
  const classes = new Map();
  for (const [status, n] of wire.counts.byStatus) classes.set(classOf(status), (classes.get(classOf(status)) ?? 0) + n);
  const sorted = (map) => [...map].sort(([a], [b]) => (a < b ? -1 : 1));
  const show = (title, rows) => console.log(`\n${bold(title)}\n${table(rows)}`);
  show('Requests', [
    ['answer', 'number'],
    ['all', wire.counts.requests],
    ...sorted(classes),
    ['slowest', `${wire.counts.slowestMs} ms`],
  ]);
  const faults = [...faultCounts.values()].reduce((a, b) => a + b, 0);
  show('Faults', [['kind', 'number'], ...sorted(faultCounts), ['all', faults]]);
  console.log(
    `\n${bold('Writes')}\n${table([
      ['kind', 'acknowledged', 'refused', 'answer lost', 'found out later'],
      ...sorted(journal.counts).map(([kind, row]) => [kind, row.acknowledged, row.refused, row.maybe, row.resolved]),
      ['all', ...['acknowledged', 'refused', 'maybe', 'resolved'].map((outcome) => journal.total(outcome))],
    ])}`,
  );
  // Each was allowed for: a proof takes either, once, until the tables say which it was.
  if (journal.total('maybe') > journal.total('resolved'))
    console.log(
      dim(
        '  The other lost answers were looked up by name at the end, or could not be known: ' +
          'the proofs take "once" and "not at all" for these.',
      ),
    );
  const peaks = sorted(watch.peaks).map(([name, peak]) => [name, peak.megabytes, peak.files]);
  show('Largest processes', [['service', 'MiB', 'open files'], ...peaks]);
  if (calms.length)
    console.log(`\n  ${calms.length} storms, all was done again after ${calms.map((s) => s.toFixed(1)).join(', ')} s`);
  console.log(`\n${bold('Proofs')}`);
  for (const { name, wrong, how } of results) {
    console.log(`  ${wrong.length ? red('✗') : green('✓')} ${name}`);
    for (const line of wrong.slice(0, 15)) console.log(`      ${line}`);
    if (wrong.length > 15) console.log(dim(`      ... and ${wrong.length - 15} more`));
    if (wrong.length) console.log(dim(`      look at: ${how}`));
  }
};
