import type { Db } from '@nefos/service-kit';
import type { ComputeCtx } from '../../src/ctx.js';
import { isPart } from '../../src/ports/driver.js';

/** The process is dead. */
export class Died extends Error {}
/**
 * A process that dies at its n-th step outside itself: before it, or after it and before it hears of the success.
 * Dead, it does nothing more.
 */
export const mortal = (
  ctx: ComputeCtx,
  n: number,
  when: 'before' | 'after',
): { ctx: ComputeCtx; died: () => boolean } => {
  let steps = 0;
  let dead = false;
  const step = async <T>(act: () => Promise<T>): Promise<T> => {
    if (dead) throw new Died();
    steps += 1;
    const fatal = steps === n;
    if (fatal && when === 'before') {
      dead = true;
      throw new Died();
    }
    const result = await act();
    if (fatal) {
      dead = true;
      throw new Died();
    }
    return result;
  };
  const pool = new Proxy(ctx.db.pool, {
    get: (target, name) =>
      name === 'query'
        ? (...args: unknown[]) => step(() => (target.query as (...a: unknown[]) => Promise<unknown>)(...args))
        : Reflect.get(target, name),
  });
  /** A transaction of many calls: until its commit a death leaves nothing of it. */
  const begin: Db['begin'] = async () => {
    if (dead) throw new Died();
    const open = await ctx.db.begin();
    let over = false;
    return {
      ...open,
      commit: () =>
        step(async () => {
          over = true;
          await open.commit();
        }),
      rollback: (reason) => (over ? Promise.resolve() : open.rollback(reason)),
    };
  };
  const db: Db = { ...ctx.db, pool, begin, transaction: (work) => step(() => ctx.db.transaction(work)) };
  /** A driver, or a part of one such as its network or its volumes. */
  const stepping = <T extends object>(driver: T): T =>
    new Proxy(driver, {
      get: (target, name) => {
        const found: unknown = Reflect.get(target, name);
        if (typeof found === 'function')
          return (...args: unknown[]) => step(() => (found as (...a: unknown[]) => Promise<unknown>)(...args));
        return isPart(name) && found ? stepping(found) : found;
      },
    });
  const drivers: ComputeCtx['drivers'] = { ...ctx.drivers, of: (region) => stepping(ctx.drivers.of(region)) };
  return { ctx: { ...ctx, db, drivers }, died: () => dead };
};
