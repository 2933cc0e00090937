import { spawn } from 'node:child_process';
import path from 'node:path';

const root = path.resolve(__dirname, '../../..');

/** Runs a program of ours to its end, with only these settings; what it said, on both ways. */
export const runNode = (args: string[], env: Record<string, string>): Promise<{ code: number; said: string }> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, args, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...env },
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (part: Buffer) => {
        said += part.toString();
      });
    child.once('close', (code) => resolve({ code: code ?? -1, said }));
  });
/** `npm run nefos -- ...` */
export const nefosCommand = (args: string[], env: Record<string, string>): Promise<{ code: number; said: string }> =>
  runNode(['scripts/nefos.mjs', ...args], env);
