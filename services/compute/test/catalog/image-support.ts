import type { Service } from '../support.js';

export const STAFF = '/staffapi/openstack/images';
export const USER = '/api/openstack/images';
export const OCTETS = { 'Content-Type': 'application/octet-stream' };

/** The body of a new image. */
export const newImage = (more: object = {}) => ({ name: 'mine', region: 'Region1', disk_format: 'raw', ...more });
/** An image of the user's client. @returns its id */
export const makeImage = async (service: Service, more: object = {}): Promise<string> =>
  ((await service.user.post(USER, newImage(more)).expect(201)).body as { id: string }).id;
/** One with data. */
export const makeActive = async (service: Service, more: object = {}, data = 'data'): Promise<string> => {
  const id = await makeImage(service, more);
  await service.user.put(`${USER}/${id}/file`).set(OCTETS).send(Buffer.from(data)).expect(200);
  return id;
};
/** The head of a qcow2 image of 1 GiB. */
export const qcow2 = ({ backing = 0n, features = 0n, size = 2n ** 30n } = {}): Buffer => {
  const head = Buffer.alloc(4096);
  head.write('QFI\xfb', 'latin1');
  head.writeUInt32BE(3, 4);
  head.writeBigUInt64BE(backing, 8);
  head.writeBigUInt64BE(size, 24);
  head.writeBigUInt64BE(features, 72);
  return head;
};
