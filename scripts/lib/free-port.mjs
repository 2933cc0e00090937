// @ts-check
// A port of the loopback address that nobody listens on.
import net from 'node:net';

/** @returns {Promise<number>} free now; another program may take it before it is used */
export const freePort = () =>
  new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = portOf(server);
      server.close(() => resolve(port));
    });
  });
/** The address of a server that listens on a port. @param {import('node:net').Server} server */
export const portOf = (server) => /** @type {import('node:net').AddressInfo} */ (server.address());
