import { isIPv6, type Socket } from 'node:net';
import type { Metrics } from '@nefos/service-kit';

// A tunnel is a connection of a client and one of a service that go on as a WebSocket: the gateway carries bytes and
// does not look at them.

export interface TunnelLimits {
  /** Open tunnels in all. */
  total: number;
  /** Open tunnels of one client's address; of IPv6 of its /64. */
  perAddress: number;
  /** A tunnel in which no byte moves for so long ends. */
  idleSeconds: number;
}
/** What a client's connection has carried since it is a tunnel. */
export interface Carried {
  bytesIn: number;
  bytesOut: number;
}
interface Side {
  socket: Socket;
  /** What came behind the handshake. */
  head: Buffer;
}
export interface Tunnels {
  /**
   * Counts a tunnel that is about to be made; `release` ends that.
   * @returns which limit is reached, when there is no room
   */
  admit(address: string): { release: () => void } | 'total' | 'address';
  /** Carries bytes until both sides have ended. @returns what the client's side has carried, also meanwhile */
  carry(client: Side, service: Side): () => Carried;
  /** Ends every tunnel in order: each service is told, and says goodbye to its client. */
  stop(): Promise<void>;
}

/** When one side has ended, the other one has so long to end, too. */
const CLOSING_MS = 3000;
const CHECK_MS = 1000;

/**
 * For whom a limit of one address counts: of IPv6, where one client has a network of them, its first 64 bits. An IPv4
 * address that is written as one of IPv6 is itself.
 */
const clientOf = (address: string): string => {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
  if (!isIPv6(plain)) return plain;
  const [left = '', right] = plain.replace(/%.*/, '').split('::');
  const groups = (text: string): string[] => (text ? text.split(':') : []);
  // Only the last 32 bits may be written with dots.
  const size = (text: string): number => groups(text).length + (text.includes('.') ? 1 : 0);
  const gap = right === undefined ? 0 : 8 - size(left) - size(right);
  const all = [...groups(left), ...Array<string>(gap).fill('0'), ...groups(right ?? '')];
  return all
    .slice(0, 4)
    .map((one) => parseInt(one, 16).toString(16))
    .join(':');
};

interface Tunnel {
  client: Socket;
  service: Socket;
  moved: number;
  movedAt: number;
  finish: () => void;
}
const movedBytes = ({ client, service }: Tunnel): number =>
  client.bytesRead + client.bytesWritten + service.bytesRead + service.bytesWritten;

/**
 * Joins two sockets. Each is read only as fast as the other takes it; the end of one ends the other, at the latest
 * after CLOSING_MS.
 */
const join = (client: Side, service: Side, ended: () => void): Tunnel => {
  const [a, b] = [client.socket, service.socket];
  let closing: NodeJS.Timeout | undefined;
  let open = 2;
  const beginClosing = (): void => {
    closing ??= setTimeout(() => {
      a.destroy();
      b.destroy();
    }, CLOSING_MS);
  };
  for (const [one, other] of [
    [client, service],
    [service, client],
  ] as const) {
    const { socket, head } = one;
    socket.setTimeout(0);
    socket.on('error', () => undefined);
    socket.once('end', beginClosing);
    socket.once('close', () => {
      beginClosing();
      // Without an end of its own, a pipe leaves the other side open.
      other.socket.end();
      other.socket.resume();
      open -= 1;
      if (open > 0) return;
      clearTimeout(closing);
      ended();
    });
    if (head.length) socket.unshift(head);
  }
  a.pipe(b);
  b.pipe(a);
  return {
    client: a,
    service: b,
    moved: 0,
    movedAt: Date.now(),
    finish: () => {
      a.unpipe(b);
      a.resume();
      b.end();
      beginClosing();
    },
  };
};

export const createTunnels = (limits: TunnelLimits, metrics: Metrics): Tunnels => {
  const tunnels = new Set<Tunnel>();
  const addresses = new Map<string, number>();
  let admitted = 0;
  let stopped = false;
  let empty: (() => void) | undefined;
  const gauge = metrics.gauge('nefos_gateway_tunnels', 'Connections that go on as WebSockets');
  gauge.set(0);
  const bytes = metrics.counter('nefos_gateway_tunnel_bytes_total', 'Bytes that WebSockets carried', ['direction']);
  const refused = metrics.counter('nefos_gateway_tunnels_refused_total', 'WebSockets beyond a limit', ['limit']);
  const idle = metrics.counter('nefos_gateway_tunnels_idle_total', 'WebSockets that ended since no byte moved');
  idle.inc(0);

  const timer = setInterval(() => {
    const now = Date.now();
    for (const one of tunnels) {
      const moved = movedBytes(one);
      if (moved !== one.moved) {
        one.moved = moved;
        one.movedAt = now;
      } else if (now - one.movedAt > limits.idleSeconds * 1000) {
        idle.inc();
        one.client.destroy();
        one.service.destroy();
      }
    }
  }, CHECK_MS).unref();

  return {
    admit: (from) => {
      const address = clientOf(from);
      const mine = addresses.get(address) ?? 0;
      const limit = stopped || admitted >= limits.total ? 'total' : mine >= limits.perAddress ? 'address' : undefined;
      if (limit) {
        refused.inc({ limit });
        return limit;
      }
      admitted += 1;
      addresses.set(address, mine + 1);
      let held = true;
      return {
        release: () => {
          if (!held) return;
          held = false;
          admitted -= 1;
          const left = (addresses.get(address) ?? 1) - 1;
          if (left) addresses.set(address, left);
          else addresses.delete(address);
        },
      };
    },
    carry: (client, service) => {
      const { socket, head } = client;
      const [readBefore, writtenBefore] = [socket.bytesRead - head.length, socket.bytesWritten];
      const carried = (): Carried => ({
        bytesIn: socket.bytesRead - readBefore,
        bytesOut: socket.bytesWritten - writtenBefore,
      });
      const tunnel = join(client, service, () => {
        tunnels.delete(tunnel);
        gauge.set(tunnels.size);
        bytes.inc({ direction: 'in' }, carried().bytesIn);
        bytes.inc({ direction: 'out' }, carried().bytesOut);
        if (tunnels.size === 0) empty?.();
      });
      tunnels.add(tunnel);
      gauge.set(tunnels.size);
      if (stopped) tunnel.finish();
      return carried;
    },
    stop: async () => {
      stopped = true;
      if (tunnels.size) {
        const all = new Promise<void>((resolve) => {
          empty = resolve;
        });
        for (const one of tunnels) one.finish();
        await all;
      }
      clearInterval(timer);
    },
  };
};
