import { rmSync } from 'node:fs';

export default async () => {
  if (!globalThis.nefosTestServer) return;
  await globalThis.nefosTestServer.stop();
  rmSync(globalThis.nefosTestServer.dir, { recursive: true, force: true });
};
