// @ts-check
// A Nefos of one's own, used by staff over HTTP through the gateway.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { root } from '../lib/prepare.mjs';

const exec = promisify(execFile);
const STAFF = '/staffapi/openstack';

/** @typedef {ReturnType<typeof openPortal>} Portal */
/** @typedef {{ status: number, body: any, operation: string | null }} Answer */
/** @param {import('../lib/private-stack.mjs').PrivateStack} stack */
export const openPortal = (stack) => {
  const { token } = stack.credentials.compute.staff;
  /** @param {string} method @param {string} at @param {object} [body] @returns {Promise<Answer>} */
  const call = async (method, at, body) => {
    for (let attempt = 1; ; attempt += 1) {
      const res = await fetch(stack.gateway + at, {
        method,
        headers: { Authorization: `Token ${token}`, 'Content-Type': 'application/json' },
        ...(body && { body: JSON.stringify(body) }),
      });
      const text = await res.text();
      // Compute is being started again.
      if ([502, 503].includes(res.status) && attempt < 60) await sleep(500);
      else
        return {
          status: res.status,
          body: text ? JSON.parse(text) : undefined,
          operation: res.headers.get('x-operation-id'),
        };
    }
  };
  /** @param {string} id @returns {Promise<any>} undefined: there is none */
  const instance = async (id) => {
    const { status, body } = await call('GET', `${STAFF}/instances/${id}`);
    if (status !== 200 && status !== 404)
      throw new Error(`an instance was answered by ${status} ${JSON.stringify(body)}`);
    return status === 200 ? body : undefined;
  };
  /** @param {string} id @param {string} action @param {object} [body] */
  const ask = (id, action, body) => call('POST', `${STAFF}/instances/${id}/${action}`, body);
  /** The operation, once it has ended. @param {string | null} id @returns {Promise<any>} */
  const ended = async (id, seconds = 240) => {
    let seen;
    for (const end = Date.now() + seconds * 1000; Date.now() < end; await sleep(200)) {
      seen = (await call('GET', `/staffapi/operations/${id}`)).body;
      if (['completed', 'failed', 'canceled'].includes(seen?.status)) return seen;
    }
    return seen;
  };
  return {
    call,
    instance,
    ask,
    ended,
    /** @param {string} kind @param {string} filter @returns {Promise<any[]>} */
    list: async (kind, filter) =>
      (await call('GET', `${STAFF}/${kind}?page_size=500&filtering=${encodeURIComponent(filter)}`)).body.objects,
    /** An action and its end. @param {string} id @param {string} action @param {object} [body] */
    act: async (id, action, body) => {
      const asked = await ask(id, action, body);
      return { asked, operation: asked.operation ? await ended(asked.operation) : undefined };
    },
    /** @param {string} id @param {(one: any) => boolean} wanted @returns {Promise<any>} the last one that was seen */
    comesTo: async (id, wanted, seconds = 180) => {
      let seen;
      for (const end = Date.now() + seconds * 1000; Date.now() < end; await sleep(200)) {
        seen = await instance(id);
        if (wanted(seen)) break;
      }
      return seen;
    },
    /** @param {...string} args */
    nefos: async (...args) => {
      const env = { PATH: process.env.PATH, NEFOS_START_STATE: stack.state };
      const { stdout } = await exec(process.execPath, ['scripts/nefos.mjs', ...args, '--json'], { cwd: root, env });
      return JSON.parse(stdout);
    },
    /** Compute is killed; it is started again by itself. */
    killCompute: () => process.kill(Number(readFileSync(path.join(stack.state, 'pids/compute'), 'utf8')), 'SIGKILL'),
  };
};
