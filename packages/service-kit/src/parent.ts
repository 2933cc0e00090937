import { Worker } from 'node:worker_threads';

/** For an orderly stop when the supervisor is gone. The supervisor's next start waits longer for the ports. */
const GRACE_MS = 8000;
// A thread of its own ends the process even when the main thread is blocked.
const WATCH = `
  const { parent, grace } = require('node:worker_threads').workerData;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), grace);
  }, 500);`;

/**
 * Under a supervisor (a parent process with an IPC channel): calls `gone` when the supervisor has ended, and ends
 * this process after a while in any case. A service that outlives its supervisor would keep the port from the next
 * one.
 */
export const endWithParent = (gone: () => void): void => {
  if (!process.send) return;
  new Worker(WATCH, { eval: true, workerData: { parent: process.ppid, grace: GRACE_MS } }).unref();
  process.once('disconnect', gone);
  if (!process.connected) gone();
};
