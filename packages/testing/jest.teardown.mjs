// @ts-check
import { rmSync } from 'node:fs';

/** @type {typeof globalThis & { nefosTestServer?: { stop: () => Promise<void>, dir: string } }} */
const running = globalThis;
export default async () => {
  const server = running.nefosTestServer;
  if (!server) return;
  await server.stop();
  rmSync(server.dir, { recursive: true, force: true });
};
