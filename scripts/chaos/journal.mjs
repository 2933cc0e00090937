// @ts-check
// What was acknowledged, written down by the process that asked and is never killed: the ground truth of a run.
import fs from 'node:fs';

/** @param {string} file one JSON document per line */
export const openJournal = (file) => {
  const out = fs.createWriteStream(file, { flags: 'a' });
  const counts = new Map();
  const count = (kind, outcome) => {
    const row = counts.get(kind) ?? { acknowledged: 0, refused: 0, maybe: 0, resolved: 0 };
    row[outcome] += 1;
    counts.set(kind, row);
  };
  const write = (entry) => {
    if (!out.writableEnded) out.write(`${JSON.stringify({ at: new Date().toISOString(), ...entry })}\n`);
  };
  return {
    file,
    counts,
    /**
     * `acknowledged`; `refused`; `maybe`: nobody knows yet; `resolved`: a maybe that turned out to be one of the two.
     */
    note: (kind, outcome, details = {}) => {
      count(kind, outcome);
      write({ kind, outcome, ...details });
    },
    say: (line) => write({ kind: 'fault', line }),
    total: (outcome) => [...counts.values()].reduce((sum, row) => sum + row[outcome], 0),
    close: () => new Promise((resolve) => out.end(resolve)),
  };
};
