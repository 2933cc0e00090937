import { Fault, type Db, type Log, type Metrics } from '@nefos/service-kit';
import { refusal } from '../../refusals.js';
import { listMachineStates } from '../store/machine-states.js';
import { hasConsole, type Grant, type NotAllowed } from './console-states.js';

export interface ConsoleLimits {
  /** Open consoles of one instance. */
  perInstance: number;
  /** Open consoles of one user, of all instances together. */
  perUser: number;
  /** Open consoles of this process. */
  perProcess: number;
}
/** Why an open console ends from this side. `replaced`: the serial line is open elsewhere now. */
export type EndReason = NotAllowed | 'replaced' | 'shutdown';
/** A console that has its place among the open ones, whether or not it is connected yet. */
export interface Place {
  /** From now on this ends it; it may be called at once. */
  onEnd(end: (reason: EndReason) => void): void;
  /** Gives the place back. */
  leave(): void;
}
/** The open consoles of this process. */
export interface OpenConsoles {
  /**
   * @param confirm judges it as a new request would be; a text is why it may not be open any more
   * @throws Fault too_many/throttled, capacity/console.too_many
   */
  enter(grant: Grant, confirm: () => Promise<object | NotAllowed>): Place;
  /** Something about the user has changed: its consoles are judged anew at once. */
  recheck(uuid: string): void;
  /** Ends every console; no new one begins. */
  stop(): Promise<void>;
}

/** Rights are judged anew after 5 to 10 seconds, the states of all instances together every two. */
const CHECK_MS = 5000;
const STATES_MS = 2000;
/** So many consoles are judged at once. */
const CHECKS = 20;
/** How long a stop waits for the clients to say goodbye. */
const STOP_MS = 3000;

interface OpenConsole {
  readonly grant: Grant;
  readonly confirm: () => Promise<object | NotAllowed>;
  checkAt: number;
  end: ((reason: EndReason) => void) | undefined;
  /** Why it has to end; undefined: it does not. */
  reason: EndReason | undefined;
}
const end = (one: OpenConsole, reason: EndReason): void => {
  if (one.reason !== undefined) return;
  one.reason = reason;
  one.end?.(reason);
};

interface Needs {
  db: Db;
  log: Log;
  metrics: Metrics;
}

/** Judges consoles anew in turns, so that no moment has all of them. */
const makeChecks = (ctx: Needs, consoles: ReadonlySet<OpenConsole>) => {
  let running = 0;
  return (now: number): void => {
    for (const one of consoles) {
      if (running >= CHECKS) return;
      if (one.checkAt > now) continue;
      running += 1;
      one.checkAt = now + CHECK_MS * (1 + Math.random());
      one
        .confirm()
        .then((found) => {
          if (typeof found === 'string') end(one, found);
        })
        .catch((err: unknown) => ctx.log.debug({ err }, 'a console could not be judged'))
        .finally(() => {
          running -= 1;
        });
    }
  };
};
/** Ends the consoles of instances that are gone or do not run. */
const checkStates = async (ctx: Needs, consoles: ReadonlySet<OpenConsole>): Promise<void> => {
  const asked = [...consoles];
  const states = await listMachineStates(ctx.db, [...new Set(asked.map((one) => one.grant.instanceId))]);
  const byId = new Map(states.map((one) => [one.id, one]));
  for (const one of asked) {
    const state = byId.get(one.grant.instanceId);
    if (!state) end(one, 'gone');
    else if (!hasConsole(state)) end(one, 'stopped');
  }
};

export const createConsoles = (ctx: Needs, limits: ConsoleLimits): OpenConsoles => {
  const consoles = new Set<OpenConsole>();
  const gauge = ctx.metrics.gauge('nefos_consoles', 'Open consoles of instances');
  gauge.set(0);
  const check = makeChecks(ctx, consoles);
  let stopped = false;
  let empty: (() => void) | undefined;
  let statesAt = 0;
  let asking = false;
  const timer = setInterval(() => {
    if (!consoles.size) return;
    const now = Date.now();
    check(now);
    if (asking || now < statesAt) return;
    asking = true;
    statesAt = now + STATES_MS;
    checkStates(ctx, consoles)
      .catch((err: unknown) => ctx.log.debug({ err }, 'the states of instances with consoles could not be read'))
      .finally(() => {
        asking = false;
      });
  }, 500).unref();

  /** A serial line has one reader: a new console takes it over. */
  const replaceSerial = (grant: Grant): void => {
    if (grant.type !== 'serial') return;
    for (const one of consoles)
      if (one.grant.type === 'serial' && one.grant.instanceId === grant.instanceId) end(one, 'replaced');
  };
  return {
    enter: (grant, confirm) => {
      if (stopped || consoles.size >= limits.perProcess) throw refusal('capacity', 'console.too_many');
      replaceSerial(grant);
      const open = [...consoles].filter((one) => one.reason === undefined);
      const ofInstance = open.filter((one) => one.grant.instanceId === grant.instanceId).length;
      const ofUser = open.filter((one) => one.grant.userId === grant.userId).length;
      if (ofInstance >= limits.perInstance || ofUser >= limits.perUser)
        throw new Fault('too_many', 'throttled', { retryAfter: 5 });
      const one: OpenConsole = {
        grant,
        confirm,
        checkAt: Date.now() + CHECK_MS * (1 + Math.random()),
        end: undefined,
        reason: undefined,
      };
      consoles.add(one);
      gauge.set(consoles.size);
      return {
        onEnd: (finish) => {
          one.end = finish;
          if (one.reason !== undefined) finish(one.reason);
        },
        leave: () => {
          if (!consoles.delete(one)) return;
          gauge.set(consoles.size);
          if (consoles.size === 0) empty?.();
        },
      };
    },
    recheck: (uuid) => {
      for (const one of consoles) if (one.grant.uuid === uuid) one.checkAt = 0;
      check(Date.now());
    },
    stop: async () => {
      stopped = true;
      clearInterval(timer);
      if (!consoles.size) return;
      const all = new Promise<void>((resolve) => {
        empty = resolve;
        setTimeout(resolve, STOP_MS).unref();
      });
      for (const one of consoles) end(one, 'shutdown');
      await all;
    },
  };
};
