import { contractIn } from '../endpoint.js';

const contract = contractIn('consoles');

/** Where the page of a console finds its WebSocket. */
export const CONSOLE_SOCKET = '/console/socket';
/** Sub-protocol of the WebSocket: the bytes of the console, in binary messages. */
export const CONSOLE_PROTOCOL = 'binary';
/**
 * What a client puts before the token to offer it as a second sub-protocol: browsers can send no other header, and a
 * header stands in no log.
 */
export const CONSOLE_TOKEN_PREFIX = 'nefos.console.';

const page = <const Path extends string>(path: Path, what: string) =>
  contract({
    method: 'get',
    path,
    access: 'public',
    status: 200,
    summary: `The page that shows ${what}`,
    description:
      `A page for a browser that shows ${what}. Its address, with a token behind \`#\`, is what ` +
      '`POST .../instances/{id}/console` answers; the page itself holds nothing secret.',
    source: 'contract compute §11.5',
    answers: [304],
    produces: ['text/html'],
  });
export const vncConsolePage = page('/console/vnc', 'the screen of an instance');
export const serialConsolePage = page('/console/serial', 'the serial line of an instance');

export const consoleSocket = contract({
  method: 'get',
  path: CONSOLE_SOCKET,
  upgrade: 'websocket',
  access: 'public',
  status: 101,
  refusals: [401, 403, 404, 409, 426],
  summary: 'The bytes of a console, as a WebSocket',
  description:
    'Becomes a WebSocket with the sub-protocol `binary`: RFB for a screen, the bytes of the line for a serial ' +
    'console. The token of the console is offered as a second sub-protocol, `nefos.console.<token>`. It opens ' +
    'consoles until it expires; one that is open ends when the instance stops or the right to it does. 401: no valid ' +
    'token, 403: a page of another origin, 409: the instance does not run, 429: the instance has too many consoles, ' +
    '503: the process has.',
  source: 'contract compute §11.5',
  headers: {
    'Sec-WebSocket-Protocol': '`binary, nefos.console.<token>`',
    'Sec-WebSocket-Key': '16 bytes in base64',
    'Sec-WebSocket-Version': '13',
  },
});
/** Requests that become WebSockets: what stands in front of compute must let them. */
export const SOCKETS = [consoleSocket];
