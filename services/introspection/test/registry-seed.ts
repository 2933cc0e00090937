import { randomUUID } from 'node:crypto';
import type { Service } from './support.js';

/** What a refusal of the registry says; fails when the answer is none. */
export const faultOf = (body: unknown): string => {
  const { error_message: text } = body as { error_message: string };
  const said = JSON.parse(text) as { faultcode: string; faultstring: string; debuginfo: null };
  expect(Object.keys(said)).toEqual(['faultcode', 'faultstring', 'debuginfo']);
  return said.faultstring;
};
export interface SeenNode {
  uuid: string;
  name: string | null;
  [field: string]: unknown;
}
/** Registers a node over the API. */
export const newNode = async (service: Service, fields: object = {}): Promise<SeenNode> => {
  const res = await service.registry('post', '/v1/nodes').send({ driver: 'fake-hardware', ...fields });
  expect([res.status, res.body.error_message]).toEqual([201, undefined]);
  return res.body as SeenNode;
};
/** A MAC that no other port of this run has. */
export const newMac = (): string =>
  `52:54:${randomUUID().replaceAll('-', '').slice(0, 8).match(/../g)?.join(':') ?? ''}`;
export const newPort = async (service: Service, node: { uuid: string }, fields: object = {}): Promise<SeenNode> => {
  const res = await service.registry('post', '/v1/ports').send({ node_uuid: node.uuid, address: newMac(), ...fields });
  expect([res.status, res.body.error_message]).toEqual([201, undefined]);
  return res.body as SeenNode;
};
