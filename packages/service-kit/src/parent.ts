import { Worker } from 'node:worker_threads';

/** An orderly stop gets so long when the supervisor is gone. Its next start waits longer for the ports. */
const GRACE_MS = 8000;
// A thread of its own: it ends the process even when the main thread is blocked, or waits for something that never comes.
const WATCH = `
  const { parent, grace } = require('node:worker_threads').workerData;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), grace);
  }, 500);`;

/**
 * Under a supervisor (a parent with a channel to us): calls `gone` when it is no more, and ends this process whatever that leads to.
 * A service that outlives its supervisor would keep its port from the next one.
 */
export const endWithParent = (gone: () => void): void => {
  if (!process.send) return;
  new Worker(WATCH, { eval: true, workerData: { parent: process.ppid, grace: GRACE_MS } }).unref();
  process.once('disconnect', gone);
  if (!process.connected) gone();
};
