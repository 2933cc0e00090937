import { readdirSync } from 'node:fs';
import path from 'node:path';

export const root = path.resolve(__dirname, '../../..');

/** Files of these folders whose name fits, as paths from the root; without what is built or installed. */
export const treeFiles = (folders: readonly string[], fits: RegExp): string[] =>
  folders.flatMap((folder) =>
    readdirSync(path.join(root, folder), { withFileTypes: true }).flatMap((entry) => {
      const name = path.posix.join(folder, entry.name);
      if (entry.isDirectory()) return /^(node_modules|dist|\..*)$/.test(entry.name) ? [] : treeFiles([name], fits);
      return fits.test(entry.name) ? [name] : [];
    }),
  );
