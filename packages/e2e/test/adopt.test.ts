import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from './stack.js';
import { supervisor } from './supervisor.js';

it('npm start after a killed supervisor takes over a PostgreSQL that answers only after a while', async () => {
  const nefos = await supervisor();
  let postmaster = 0;
  try {
    void nefos.run();
    await nefos.ready();
    postmaster = nefos.postmaster();
    nefos.kill('SIGKILL');
    // Stands for a server that recovers from a crash: it holds the data directory and accepts no connection.
    process.kill(postmaster, 'SIGSTOP');
    void nefos.run();
    await eventually('it waits for the database', async () => nefos.output().includes('settings'), 60);
    await sleep(3000);
    process.kill(postmaster, 'SIGCONT');
    await nefos.ready();
    expect(nefos.postmaster()).toBe(postmaster);
  } finally {
    if (postmaster) process.kill(postmaster, 'SIGCONT');
    await nefos.close();
  }
}, 180_000);
