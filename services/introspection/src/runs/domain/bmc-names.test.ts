import { createNameResolver } from './bmc-names.js';

it('gives addresses of both families in their one spelling, without loopback', async () => {
  const resolve = createNameResolver(() => Promise.resolve(['10.0.0.7', 'FD12:0::7', '127.0.0.1', '::1', '10.0.0.7']));
  expect(await resolve('bmc.example')).toEqual(['10.0.0.7', 'fd12::7']);
});
it('asks once for a name, and has none for one that is unknown', async () => {
  let asked = 0;
  const resolve = createNameResolver(() => {
    asked += 1;
    return Promise.reject(new Error('ENOTFOUND'));
  });
  expect(await Promise.all([resolve('a.example'), resolve('a.example')])).toEqual([[], []]);
  expect([await resolve('a.example'), asked]).toEqual([[], 1]);
});
it('does not wait for a resolver that hangs, and asks it for two names at once only', async () => {
  const asked: string[] = [];
  const resolve = createNameResolver((host) => {
    asked.push(host);
    return new Promise(() => undefined);
  }, 20);
  expect(await Promise.all(['a', 'b', 'c'].map(resolve))).toEqual([[], [], []]);
  expect(asked).toEqual(['a', 'b']);
});
