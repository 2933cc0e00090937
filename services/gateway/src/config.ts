import { dropTrailing } from '@nefos/contracts';
import { peers, readConfig } from '@nefos/service-kit';
import { z } from 'zod';

const url = (port: number) =>
  z
    .url({ protocol: /^https?$/ })
    .default(`http://127.0.0.1:${port}`)
    .transform((u) => dropTrailing(u, '/'));

export const shape = {
  NEFOS_GATEWAY_PORT: z.coerce.number().int().min(0).max(65535).default(8080).describe('port to listen on'),
  NEFOS_COMPUTE_URL: url(8082).describe('where compute answers, from inside'),
  NEFOS_METERING_URL: url(8083).describe('where metering answers, from inside'),
  NEFOS_INTROSPECTION_URL: url(8084).describe('where introspection answers, from inside'),
  NEFOS_GATEWAY_BODY_LIMIT: z.coerce
    .number()
    .int()
    .min(1024)
    .default(10 * 1024 * 1024)
    .describe('bytes of a request body (413); the services have limits of their own below it'),
  NEFOS_GATEWAY_CONNECTIONS: z.coerce
    .number()
    .int()
    .min(10)
    .max(1_000_000)
    .default(5000)
    .describe(
      'open connections of clients; when they are used up, idle ones are closed and newcomers get 503. ' +
        'Each may need a second one to a service: the limit of open files must be above twice this number',
    ),
  NEFOS_GATEWAY_SOCKETS: z.coerce
    .number()
    .int()
    .min(1)
    .default(500)
    .describe('open WebSockets (consoles), which are among the connections above; one more gets 503'),
  NEFOS_GATEWAY_SOCKETS_PER_ADDRESS: z.coerce
    .number()
    .int()
    .min(1)
    .default(50)
    .describe("open WebSockets of one client's address (of IPv6: of its /64); one more gets 429"),
  NEFOS_GATEWAY_SOCKET_IDLE_SECONDS: z.coerce
    .number()
    .min(1)
    .max(86_400)
    .default(120)
    .describe('seconds without a byte either way after which a WebSocket ends; compute sends a ping every 20 s'),
  NEFOS_GATEWAY_UPSTREAM_SECONDS: z.coerce
    .number()
    .min(1)
    .max(600)
    .default(60)
    .describe('seconds that a service may take to begin its answer, from the end of the request'),
  NEFOS_GATEWAY_TRUSTED_PEERS: peers('127.0.0.0/8,::1/128').describe(
    "whose `X-RH-IDENTITY` and `X-Forwarded-For` are handed on; others' are cut off. " +
      'Addresses or CIDR ranges, comma-separated',
  ),
  NEFOS_GATEWAY_METRICS_PORT: z.coerce
    .number()
    .int()
    .min(0)
    .max(65535)
    .optional()
    .describe('port of `/metrics`; without it there is none'),
  NEFOS_GATEWAY_ACCESS_LOG: z.enum(['on', 'off']).default('off').describe('`on`: a log line for every request'),
};
export type GatewayConfig = ReturnType<typeof readGatewayConfig>;
export const readGatewayConfig = (env: NodeJS.ProcessEnv = process.env) => readConfig('gateway', shape, env);
