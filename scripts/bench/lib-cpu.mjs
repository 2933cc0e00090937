// @ts-check
// Processor time of processes, which a machine that does other things, too, changes less than the clock's time.
import * as fs from 'node:fs';

const TICK_MS = 10;
/** The numbers of a process's `stat`, from its parent on. @param {string} pid */
const statOf = (pid) => {
  try {
    const text = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .slice(1)
      .map(Number);
  } catch {
    return undefined;
  }
};
/**
 * Milliseconds of processor time that a process and its children have used, also those that have ended.
 * @param {number} pid
 */
export const cpuOf = (pid) => {
  let ticks = 0;
  for (const name of fs.readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = statOf(name);
    if (!stat) continue;
    const [user = 0, system = 0, endedUser = 0, endedSystem = 0] = stat.slice(10, 14);
    if (Number(name) === pid) ticks += user + system + endedUser + endedSystem;
    else if (stat[0] === pid) ticks += user + system;
  }
  return ticks * TICK_MS;
};
