// @ts-check
// Requests below HTTP's good manners, at the gateway and at each service.
// A case answers undefined, or what is wrong. "N passed" counts one for each case and door.
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { exchange, jsonRequest, request } from './raw-client.mjs';

const REFUSED = [400, 404, 405, 408, 411, 413, 414, 417, 431, 501, 505];
const shown = ({ statuses, closed, ms, text }) =>
  `answers [${statuses.join(', ')}], ${closed ? 'closed' : 'open'}, ${Math.round(ms)} ms: ` +
  text.slice(0, 120).replace(/\s+/g, ' ');
/** Exactly one answer, of these statuses. */
const one = (answer, allowed) =>
  answer.statuses.length === 1 && allowed.includes(answer.statuses[0]) ? undefined : shown(answer);
/** One refusal and the end; or the end alone, where there is nothing to answer. */
const refusedAndClosed = (answer) =>
  answer.closed && answer.statuses.length <= 1 && answer.statuses.every((s) => REFUSED.includes(s))
    ? undefined
    : shown(answer);
const wellBehaved = (answer) =>
  answer.statuses.length >= 1 && answer.statuses.every((s) => s < 500 || s === 501) ? undefined : shown(answer);
const closing = { Connection: 'close' };
const SECOND = '\r\n\r\nGET /healthz?smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n';

const POST = 'POST /identity/v2.0/tokens HTTP/1.1\r\nHost: x\r\n';
const CHUNKED = `${POST}Transfer-Encoding: chunked\r\n\r\n`;
/** Framing that two readers could read differently: refused, and nothing after it is taken for a request. */
const FRAMING = {
  'two Hosts': 'GET /identity HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n',
  'Content-Length and Transfer-Encoding': `${POST}Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0${SECOND}`,
  'two Content-Lengths': `${POST}Content-Length: 0\r\nContent-Length: 60${SECOND}`,
  'Content-Length with a sign': `${POST}Content-Length: +5${SECOND}`,
  'negative Content-Length': `${POST}Content-Length: -1${SECOND}`,
  'Transfer-Encoding before a colon with a blank': `${POST}Transfer-Encoding : chunked\r\n\r\n0${SECOND}`,
  'Transfer-Encoding that is not chunked last': `${POST}Transfer-Encoding: chunked, identity\r\n\r\n0${SECOND}`,
  'Transfer-Encoding in a fold': `${POST}X: y\r\n Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n0${SECOND}`,
  'chunk size that is no number': `${CHUNKED}zz\r\n0${SECOND}`,
  'chunk size beyond 64 bits': `${CHUNKED}fffffffffffffffff\r\n0${SECOND}`,
  'chunk longer than it says': `${CHUNKED}2\r\n{}xx\r\n0${SECOND}`,
  'chunk extension of 100 kB': `${CHUNKED}2;${'e'.repeat(100_000)}\r\n{}\r\n0\r\n\r\n`,
  'NUL in a header': 'GET /healthz HTTP/1.1\r\nHost: x\r\nX: a\0b\r\n\r\n',
  'bare LF in a header': 'GET /healthz HTTP/1.1\r\nHost: x\r\nX: a\nGET /healthz HTTP/1.1\r\n\r\n',
  'no HTTP at all': '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n',
  'an unknown method': 'BREW /healthz HTTP/1.1\r\nHost: x\r\n\r\n',
  'a version from the future': 'GET /healthz HTTP/9.9\r\nHost: x\r\n\r\n',
  'a header of 100 kB': `GET /healthz HTTP/1.1\r\nHost: x\r\nX-Long: ${'a'.repeat(100_000)}\r\n\r\n`,
  'a request line of 100 kB': `GET /${'a'.repeat(100_000)} HTTP/1.1\r\nHost: x\r\n\r\n`,
};
const framingCases = ({ port }) =>
  Object.entries(FRAMING).map(([name, bytes]) => [name, async () => refusedAndClosed(await exchange(port, [bytes]))]);

const formCases = ({ port, path }) => [
  ['HTTP/1.0 without Host is served', async () => one(await exchange(port, [`GET ${path} HTTP/1.0\r\n\r\n`]), [200])],
  [
    'absolute-form is served',
    async () => one(await exchange(port, [request('GET', `http://localhost${path}`, closing)]), [200]),
  ],
  [
    'CONNECT is refused and closed',
    async () => {
      const answer = await exchange(port, [request('CONNECT', 'localhost:443')]);
      return answer.closed ? one(answer, [400, 405]) : shown(answer);
    },
  ],
  ['TRACE is refused', async () => one(await exchange(port, [request('TRACE', path, closing)]), [400, 404, 405, 501])],
  [
    'an upgrade nobody offers',
    async () =>
      wellBehaved(await exchange(port, [request('GET', path, { Connection: 'Upgrade, close', Upgrade: 'h2c' })])),
  ],
  [
    'Expect: what nobody knows',
    async () => wellBehaved(await exchange(port, [request('GET', path, { ...closing, Expect: 'wonders' })])),
  ],
  [
    '2,000 headers',
    async () => {
      const many = Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`X-${i}`, 'x']));
      return wellBehaved(await exchange(port, [request('GET', path, { ...closing, ...many })]));
    },
  ],
  ...['Authorization', 'X-Auth-Token', 'X-RH-IDENTITY', 'Content-Type', 'Cookie', 'Accept', 'X-Forwarded-For'].map(
    (name) => [
      `${name} twice`,
      async () =>
        wellBehaved(await exchange(port, [request('GET', path, { ...closing, [name]: ['a, b', '{"x":1}'] })])),
    ],
  ),
  [
    'a body sent byte by byte in chunks',
    async () => {
      const bytes = [...'{"auth":{}}'].flatMap((c) => [`1\r\n${c}\r\n`, 1]);
      const head = request('POST', '/identity/v2.0/tokens', {
        ...closing,
        'Content-Type': 'application/json',
        'Transfer-Encoding': 'chunked',
      });
      return one(await exchange(port, [head, ...bytes, '0\r\n\r\n']), [400, 401, 404, 405]);
    },
  ],
  [
    'a body that ends in the middle of a chunk',
    async () => {
      const head = request('POST', '/identity/v2.0/tokens', {
        'Content-Type': 'application/json',
        'Transfer-Encoding': 'chunked',
      });
      const answer = await exchange(port, [`${head}a\r\n{"a`, 50], { ms: 500 });
      return answer.statuses.length <= 1 ? undefined : shown(answer);
    },
  ],
];

const heavyCases = ({ port, name }) => [
  ...['/api/', '/identity/', '/v2/', '/staffapi/clients'].map((prefix) => [
    `${prefix} + 30,000 slashes, five times`,
    async () => {
      const begun = performance.now();
      for (let i = 0; i < 5; i += 1) {
        const answer = await exchange(port, [request('GET', `${prefix}${'/'.repeat(30_000)}x`, closing), 0]);
        const wrong = one(answer, [301, 400, 401, 403, 404, 414, 431]);
        if (wrong) return wrong;
      }
      const ms = performance.now() - begun;
      return ms < 4000 ? undefined : `${Math.round(ms)} ms`;
    },
  ]),
  [
    '200 sockets with 20 requests each that do not read',
    async () => {
      const target = name === 'gateway' ? '/openapi/compute.json' : '/openapi.json';
      const sockets = Array.from({ length: 200 }, () => {
        const socket = net.connect(port, '127.0.0.1');
        socket.on('error', () => undefined);
        socket.pause();
        socket.write(request('GET', target).repeat(20));
        return socket;
      });
      let worst = 0;
      for (let i = 0; i < 8; i += 1) {
        const begun = performance.now();
        const { statuses } = await exchange(port, [request('GET', '/healthz', closing)], { ms: 15_000 });
        worst = Math.max(worst, statuses[0] === 200 ? performance.now() - begun : 15_000);
        await sleep(250);
      }
      for (const socket of sockets) socket.destroy();
      return worst < 10_000 ? undefined : `healthz took ${Math.round(worst)} ms or more`;
    },
  ],
];

/** Bodies that are JSON and hostile; through the gateway. */
const bodyCases = ({ port, credentials, events }) => {
  const staff = { Authorization: `Token ${credentials.compute.staff.token}` };
  const user = { 'X-Auth-Token': credentials.identity.user.token };
  const rh = {
    'X-RH-IDENTITY': Buffer.from(JSON.stringify({ identity: { account_number: '1337' } })).toString('base64'),
  };
  const post = (target, headers, body, method = 'POST') =>
    exchange(port, [jsonRequest(method, target, headers, body)], { ms: 15_000 });
  const nested = (open, close, depth, inside) => open.repeat(depth) + inside + close.repeat(depth);
  /**
   * Method, path, headers, and a body around a deep value.
   * @type {[string, string, any, (deep: string) => string][]}
   */
  const places = [
    ['POST', '/staffapi/clients', staff, (deep) => `{"country":${deep}}`],
    ['POST', '/staffapi/openstack/instances', staff, (deep) => `{"boot_source":{"source_type":${deep}}}`],
    ['PATCH', '/staffapi/clients/322208', staff, (deep) => `{"custom_fields":${deep}}`],
    ['POST', '/identity/v2.0/tokens', {}, (deep) => `{"auth":${deep}}`],
    ['POST', '/identity/v3/auth/tokens', {}, (deep) => `{"auth":{"identity":{"methods":${deep}}}}`],
    ['POST', '/account/v1.0/projects', user, (deep) => `{"join_policy":${deep}}`],
    ['POST', '/user_catalogs', user, (deep) => `{"uuids":${deep}}`],
    ['POST', '/v2/accounts/', rh, (deep) => `{"cloud_type":${deep}}`],
    ['POST', '/api/login', {}, (deep) => `{"username":${deep}}`],
  ];
  /** Method, path, headers, and a field for a text. @type {[string, string, any, string][]} */
  const texts = [
    ['POST', '/staffapi/clients', staff, 'first_name'],
    ['POST', '/account/v1.0/feedback', user, 'feedback_msg'],
    ['POST', '/account/v1.0/projects', user, 'name'],
    ['POST', '/v2/accounts/', rh, 'name'],
    ['POST', '/api/login', {}, 'username'],
  ];
  const below500 = (answer) => one(answer, [400, 401, 403, 404, 409, 413, 415, 422]);
  const lists = [
    '/staffapi/clients?search=',
    '/staffapi/openstack/instances?search=',
    '/staffapi/users?filtering=username:',
  ];
  return [
    ...places.flatMap(([method, target, headers, body]) => [
      [
        `${method} ${target}: arrays 6,000 deep`,
        async () => below500(await post(target, headers, body(nested('[', ']', 6000, '1')), method)),
      ],
      [
        `${method} ${target}: objects 6,000 deep`,
        async () => below500(await post(target, headers, body(nested('{"a":', '}', 6000, '1')), method)),
      ],
    ]),
    ...texts.flatMap(([method, target, headers, field]) =>
      [
        ['NUL', 'a\\u0000b'],
        ['a lone surrogate', 'a\\ud800b'],
      ].map(([what, text]) => [
        `${method} ${target}: ${what} in ${field}`,
        async () => {
          const answer = await post(target, headers, `{"${field}":"${text}"}`, method);
          return answer.statuses.length === 1 && answer.statuses[0] < 500 ? undefined : shown(answer);
        },
      ]),
    ),
    ...lists.map((target) => [
      `${target}%00 lists nothing`,
      async () => {
        const answer = await exchange(port, [request('GET', `${target}%00`, { ...closing, ...staff })]);
        if (answer.statuses[0] === 400) return undefined;
        return answer.statuses[0] === 200 && /"(?:totalCount|count)":0\b/.test(answer.text) ? undefined : shown(answer);
      },
    ]),
    [
      'money of 60,000 digits',
      async () => {
        const answer = await post(
          '/staffapi/clients/322208/change_credit',
          staff,
          `{"amount":"0.${'0'.repeat(60_000)}1","currency":"EUR","add_credit":true}`,
        );
        return answer.ms < 2000 ? one(answer, [400, 413]) : shown(answer);
      },
    ],
    [
      'a usage event with a lone surrogate is refused alone',
      async () => {
        const answer = await exchange(events.port, [
          jsonRequest(
            'POST',
            '/internal/v1/events',
            { 'X-Auth-Token': events.token },
            '{"events":[{"account":{"number":"\\ud800"}}]}',
          ),
        ]);
        return one(answer, [200, 400, 422]);
      },
    ],
  ];
};

/** A body that stops coming: one answer at most, then the end. Takes as long as the server waits. */
const slowCase = ({ port }) => [
  'a body that stops coming gets one answer and the end',
  async () => {
    const head = request('POST', '/identity/v2.0/tokens', {
      'Content-Type': 'application/json',
      'Content-Length': 1000,
    });
    const answer = await exchange(port, [`${head}{"auth":`], { ms: 150_000 });
    return answer.closed && answer.statuses.length <= 1 ? undefined : shown(answer);
  },
];

/**
 * @typedef {[name: string, run: () => Promise<string | undefined>]} Case
 */
/**
 * @param {{ gateway: string, ports: Record<string, number>, credentials:
 *   import('../lib/principals.mjs').DemoCredentials,
 *   eventsToken: string }} stack
 * @returns {{ cases: Case[], slow: Case[] }}
 */
export const rawCases = ({ ports, credentials, eventsToken }) => {
  const doors = Object.entries(ports).map(([name, port]) => ({ name, port, path: '/healthz' }));
  const named = ({ name }, list) => list.map(([what, run]) => [`${name}: ${what}`, run]);
  const gateway = /** @type {typeof doors[0]} */ (doors.find(({ name }) => name === 'gateway'));
  return {
    cases: [
      ...doors.flatMap((door) => named(door, [...framingCases(door), ...formCases(door), ...heavyCases(door)])),
      ...named(
        gateway,
        bodyCases({
          ...gateway,
          credentials,
          events: { port: /** @type {number} */ (ports.metering), token: eventsToken },
        }),
      ),
    ],
    slow: doors.flatMap((door) => named(door, [slowCase(door)])),
  };
};
