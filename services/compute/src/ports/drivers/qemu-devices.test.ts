import { DriverError } from '../driver.js';
import { dropNode } from './qemu-devices.js';
import type { Qmp } from './qemu-qmp.js';

/** A monitor whose node is in use for so many calls. */
const monitorWith = (code: 'CONFLICT' | 'INTERNAL', refusals: number): { qmp: Qmp; asked: () => number } => {
  let there = true;
  let asked = 0;
  const execute = (command: string): Promise<unknown> => {
    if (command === 'query-named-block-nodes') return Promise.resolve(there ? [{ 'node-name': 'n' }] : []);
    asked += 1;
    if (asked <= refusals) return Promise.reject(new DriverError(code, 'QEMU refused the call.'));
    there = false;
    return Promise.resolve({});
  };
  return { qmp: { execute, close: () => undefined } as unknown as Qmp, asked: () => asked };
};

describe('the node of a disk that has gone', () => {
  it('is let go as soon as QEMU uses it no more; without one nothing is asked', async () => {
    const { qmp, asked } = monitorWith('CONFLICT', 3);
    await dropNode(qmp, 'n');
    await dropNode(qmp, 'n');
    expect(asked()).toBe(4);
  });
  it('stays with an error that is not of a moment', async () => {
    const { qmp, asked } = monitorWith('INTERNAL', 1);
    await expect(dropNode(qmp, 'n')).rejects.toMatchObject({ code: 'INTERNAL' });
    expect(asked()).toBe(1);
  });
  it('is not waited for without end', async () => {
    await expect(dropNode(monitorWith('CONFLICT', 1000).qmp, 'n')).rejects.toMatchObject({ code: 'CONFLICT' });
  });
});
