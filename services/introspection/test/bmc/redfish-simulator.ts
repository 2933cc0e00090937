import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

type Body = Record<string, unknown>;
export interface Recorded {
  line: string;
  headers: IncomingHttpHeaders;
  body: Body | undefined;
}
export interface Reply {
  /** 0: no answer. */
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}
const SYSTEM = '/redfish/v1/Systems/1';
const SESSIONS = '/redfish/v1/SessionService/Sessions';

/**
 * A simulator of a BMC for tests: a small Redfish service with one system. What it does differently from an orderly
 * BMC, a test says by `on`.
 */
export class RedfishSimulator {
  readonly user = 'admin';
  readonly password = 'pass "word" ünïcode';
  power: 'On' | 'Off' = 'Off';
  boot: Body = { BootSourceOverrideTarget: 'None', BootSourceOverrideEnabled: 'Disabled' };
  /** Added to the system as it is read. */
  system: Body = {};
  /** How often the machine was switched from off to on. */
  poweredOn = 0;
  readonly requests: Recorded[] = [];
  readonly sessions = new Set<string>();
  private readonly rules: { line: string; times: number; reply: (request: Recorded) => Reply | undefined }[] = [];
  private readonly server: Server;
  private readonly scheme: string;
  /** @param tls with it, it speaks https */
  constructor(tls?: { cert: string; key: string }) {
    const serve = (req: IncomingMessage, res: ServerResponse): void => this.serve(req, res);
    this.scheme = tls ? 'https' : 'http';
    this.server = tls ? createTlsServer(tls, serve) : createServer(serve);
  }
  private serve(req: IncomingMessage, res: ServerResponse): void {
    let text = '';
    req.on('data', (part: Buffer) => (text += part.toString()));
    req.on('end', () => {
      const body = text === '' ? undefined : (JSON.parse(text) as Body);
      const request = { line: `${req.method ?? ''} ${req.url ?? ''}`, headers: req.headers, body };
      this.requests.push(request);
      const { status, body: answer, headers } = this.reply(request);
      if (status === 0) return;
      const content = answer === undefined ? '' : typeof answer === 'string' ? answer : JSON.stringify(answer);
      res.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(content);
    });
  }
  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
  }
  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
  get url(): string {
    return `${this.scheme}://127.0.0.1:${this.port}`;
  }
  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }
  /** Answers a request differently, `times` times. A reply of undefined leaves it to the simulator. */
  on(line: string, reply: Reply | ((request: Recorded) => Reply | undefined), times = Infinity): this {
    this.rules.unshift({ line, times, reply: typeof reply === 'function' ? reply : () => reply });
    return this;
  }
  lines(): string[] {
    return this.requests.map(({ line }) => line);
  }
  find(line: string): Recorded[] {
    return this.requests.filter((one) => one.line === line);
  }
  private reply(request: Recorded): Reply {
    const rule = this.rules.find((one) => one.line === request.line && one.times > 0);
    if (rule) rule.times -= 1;
    return rule?.reply(request) ?? this.orderly(request);
  }
  private orderly({ line, headers, body }: Recorded): Reply {
    if (line === 'GET /redfish/v1/') return { status: 200, body: this.root() };
    if (line === `POST ${SESSIONS}`) return this.logIn(body ?? {});
    const basic = `Basic ${Buffer.from(`${this.user}:${this.password}`).toString('base64')}`;
    const token = String(headers['x-auth-token']);
    if (headers.authorization !== basic && !this.sessions.has(token))
      return { status: 401, body: { error: { code: 'Base.1.0.GeneralError', message: 'no' } } };
    switch (line) {
      case 'GET /redfish/v1/Systems':
        return { status: 200, body: { Members: [{ '@odata.id': SYSTEM }] } };
      case `GET ${SYSTEM}`:
        return { status: 200, body: this.read() };
      case `PATCH ${SYSTEM}`:
        Object.assign(this.boot, body?.Boot);
        return { status: 204 };
      case `POST ${SYSTEM}/Actions/ComputerSystem.Reset`:
        return this.reset(body?.ResetType);
      default:
        if (line.startsWith(`DELETE ${SESSIONS}/`)) {
          this.sessions.delete(token);
          return { status: 204 };
        }
        return { status: 404, body: { error: { code: 'Base.1.0.GeneralError', message: `no ${line}` } } };
    }
  }
  private root(): Body {
    return { Systems: { '@odata.id': '/redfish/v1/Systems' }, Links: { Sessions: { '@odata.id': SESSIONS } } };
  }
  private logIn({ UserName: user, Password: password }: Body): Reply {
    if (user !== this.user || password !== this.password)
      return { status: 401, body: { error: { message: password } } };
    const token = `token-${this.requests.length}`;
    this.sessions.add(token);
    return { status: 201, headers: { 'X-Auth-Token': token, Location: `${SESSIONS}/${token}` }, body: {} };
  }
  private read(): Body {
    const target = `${SYSTEM}/Actions/ComputerSystem.Reset`;
    const actions = { '#ComputerSystem.Reset': { target } };
    return { Id: '1', PowerState: this.power, Boot: this.boot, Actions: actions, ...this.system };
  }
  private reset(type: unknown): Reply {
    if (type !== 'On' && type !== 'ForceOff' && type !== 'GracefulShutdown') return { status: 400 };
    if (type === 'On' && this.power === 'Off') this.poweredOn += 1;
    this.power = type === 'On' ? 'On' : 'Off';
    return { status: 204 };
  }
}
