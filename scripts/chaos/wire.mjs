// @ts-check
// Requests to the run's gateway. Each answer is counted, and each one that nobody expected is kept as a finding.
import http from 'node:http';

/**
 * Answers after which nobody knows whether the request took effect: none at all, or a gateway's or a service's "not
 * now".
 */
const UNKNOWN = new Set([0, 502, 503, 504]);
export const isUnknown = ({ status }) => UNKNOWN.has(status);
const KEPT = 50;

export const createWire = (gateway) => {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });
  const counts = { requests: 0, byStatus: new Map(), unexpected: 0, slowestMs: 0 };
  const findings = [];
  const send = (method, path, { headers, json, timeoutMs }) =>
    new Promise((resolve) => {
      const body = json === undefined ? undefined : Buffer.from(JSON.stringify(json));
      const gone = () => resolve({ status: 0, text: '', headers: {} });
      const req = http.request(
        gateway + path,
        {
          method,
          agent,
          headers: { ...headers, ...(body && { 'Content-Type': 'application/json', 'Content-Length': body.length }) },
        },
        (res) => {
          let text = '';
          res
            .setEncoding('utf8')
            .on('data', (part) => (text += part))
            .on('end', () => resolve({ status: res.complete ? res.statusCode : 0, text, headers: res.headers }))
            .on('error', gone)
            .on('close', gone);
        },
      );
      const late = setTimeout(() => req.destroy(), timeoutMs);
      req.on('error', gone).on('close', () => {
        clearTimeout(late);
        gone();
      });
      req.end(body);
    });

  return {
    counts,
    findings,
    close: () => agent.destroy(),
    /**
     * Sends one request. `expect`: statuses that are right, besides those after which nothing is known.
     * @param {string} method @param {string} path
     * @param {{ headers?: Record<string, string>, json?: any, expect?: number[], timeoutMs?: number }} [options]
     * @returns {Promise<{ status: number, text: string, headers: Record<string, string>, json: () => any, startedAt:
     *   number,
     *   endedAt: number }>}
     */
    ask: async (method, path, options = {}) => {
      const { headers = {}, json, expect = [200], timeoutMs = 20_000 } = options;
      const startedAt = Date.now();
      const answer = await send(method, path, { headers, json, timeoutMs });
      const endedAt = Date.now();
      counts.requests += 1;
      counts.byStatus.set(answer.status, (counts.byStatus.get(answer.status) ?? 0) + 1);
      counts.slowestMs = Math.max(counts.slowestMs, endedAt - startedAt);
      if (!UNKNOWN.has(answer.status) && !expect.includes(answer.status)) {
        counts.unexpected += 1;
        if (findings.length < KEPT)
          findings.push(
            `${new Date(startedAt).toISOString()} ${method} ${path}: ${answer.status}, ` +
              `expected ${expect.join('/')}: ${answer.text.slice(0, 300)} ` +
              `(X-Request-Id ${answer.headers['x-request-id'] ?? 'none'})`,
          );
      }
      return { ...answer, startedAt, endedAt, json: () => JSON.parse(answer.text) };
    },
  };
};
