import type http from 'node:http';
import type { AddressInfo } from 'node:net';

/** A listening server for the time of one test file. */
export const listening = async (server: http.Server): Promise<{ base: string; close: () => Promise<void> }> => {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    base: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
};
/** One request; a redirect is an answer like any other. A body is sent in the first form that the endpoint takes. */
export const call = async (
  url: string,
  {
    method,
    body,
    form = false,
    headers,
  }: { method: string; body: unknown; form?: boolean; headers: Record<string, string> },
): Promise<{ status: number; text: string }> => {
  const res = await fetch(url, {
    method: method.toUpperCase(),
    redirect: 'manual',
    headers: { ...headers, ...(body !== undefined && !form && { 'Content-Type': 'application/json' }) },
    ...(body !== undefined && {
      body: form ? new URLSearchParams(body as Record<string, string>) : JSON.stringify(body),
    }),
  });
  return { status: res.status, text: await res.text() };
};
