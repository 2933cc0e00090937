import { CommanderError } from 'commander';
import { OPERATOR } from '../src/cli/context.js';
import { textOf } from '../src/cli/messages.js';
import { program } from '../src/cli/program.js';
import type { Service } from './support.js';

export interface Said {
  code: number;
  out: string;
  err: string;
}
export type Row = Record<string, unknown>;

/** The operator's commands, run in this process. */
export const useCli = (service: Service) => {
  /** The command's own program, in this process. */
  const nefos = async (...args: string[]): Promise<Said> => {
    const said: Said = { code: 0, out: '', err: '' };
    const write = (to: 'out' | 'err') => (text: string | Uint8Array) => {
      said[to] += String(text);
      return true;
    };
    const spies = [
      jest.spyOn(process.stdout, 'write').mockImplementation(write('out')),
      jest.spyOn(process.stderr, 'write').mockImplementation(write('err')),
    ];
    const ctx = { ...service.ctx, caller: OPERATOR, requestId: '', principal: null, logged: { security: false } };
    try {
      await program(() => Promise.resolve({ ctx, close: () => Promise.resolve() })).parseAsync(args, { from: 'user' });
    } catch (err) {
      said.code = 1;
      if (!(err instanceof CommanderError)) said.err += `${textOf(err)}\n`;
    } finally {
      for (const spy of spies) spy.mockRestore();
    }
    return said;
  };
  /** What a command answers, as JSON. */
  const rows = async (...args: string[]): Promise<Row[]> => {
    const { code, out, err } = await nefos(...args, '--json');
    if (code !== 0) throw new Error(`${args.join(' ')}: ${err}`);
    return JSON.parse(out) as Row[];
  };
  const one = async (...args: string[]): Promise<Row> => (await rows(...args))[0] as Row;
  /** The one line with which a command is refused. */
  const refused = async (...args: string[]): Promise<string> => {
    const { code, out, err } = await nefos(...args);
    expect([args.join(' '), code, out, err.trim().split('\n').length]).toEqual([args.join(' '), 1, '', 1]);
    return err.trim();
  };
  return { nefos, rows, one, refused };
};
