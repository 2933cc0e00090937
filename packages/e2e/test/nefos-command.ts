import { spawn } from 'node:child_process';
import path from 'node:path';

const root = path.resolve(__dirname, '../../..');

/** Runs a program of ours to its end, with only these settings. @returns its output, standard error included */
export const runNode = (args: string[], env: Record<string, string>): Promise<{ code: number; output: string }> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, args, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...env },
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (part: Buffer) => {
        output += part.toString();
      });
    child.once('close', (code) => resolve({ code: code ?? -1, output }));
  });
/** `npm run nefos -- ...` */
export const nefosCommand = (args: string[], env: Record<string, string>): Promise<{ code: number; output: string }> =>
  runNode(['scripts/nefos.mjs', ...args], env);
