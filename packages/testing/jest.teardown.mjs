// @ts-check

/** @type {typeof globalThis & { nefosTestServer?: { stop: () => Promise<void> } }} */
const running = globalThis;
export default async () => {
  await running.nefosTestServer?.stop();
};
