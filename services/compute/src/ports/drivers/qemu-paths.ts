import { createHash } from 'node:crypto';
import path from 'node:path';
import { DriverError } from '../driver.js';

// Where what a region has is in its directory. Every name in a path is an id of the portal's, and nothing that a user
// wrote.

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
export const isId = (id: string): boolean => UUID.test(id);
/** @throws DriverError INVALID_REQUEST: anything else would be a path */
export const checkedId = (id: string): string => {
  if (isId(id)) return id;
  throw new DriverError('INVALID_REQUEST', 'That is no id of the portal.');
};
/** The directory of a region within that of all; no region leaves it, whatever its name. */
export const regionDirectory = (all: string, region: string): string => {
  const name = encodeURIComponent(region).replaceAll('.', '%2E');
  const short = name.length <= 100 ? name : createHash('sha256').update(region).digest('hex');
  return path.join(all, `region-${short}`);
};
/** Whether a path is a directory or within it. */
export const isWithin = (dir: string, roots: readonly string[]): boolean =>
  roots.some((root) => {
    const relative = path.relative(path.resolve(root), path.resolve(dir));
    return relative === '' || (!relative.startsWith('..') && !path.isAbsolute(relative));
  });

/** Paths of a region. */
export interface Places {
  root: string;
  machines: string;
  /** What is deleted: moved here first, so that it is gone at once. */
  trash: string;
  /** Addresses and ports that machines have, a file each. */
  addresses: string;
  ports: string;
  images: string;
  volumes: string;
  backups: string;
  machine(id: string): string;
  volume(id: string): string;
}
export const placesIn = (root: string): Places => {
  const at = (name: string): string => path.join(root, name);
  return {
    root,
    machines: at('machines'),
    trash: at('trash'),
    addresses: at('addresses'),
    ports: at('ports'),
    images: at('images'),
    volumes: at('volumes'),
    backups: at('backups'),
    machine: (id) => path.join(root, 'machines', checkedId(id)),
    volume: (id) => path.join(root, 'volumes', checkedId(id)),
  };
};
