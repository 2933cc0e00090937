import { readFileSync } from 'node:fs';
import { bootstrap, type Bootstrap } from '@nefos/contracts';
import { ConfigError } from './config.js';

const refuse = (fault: string): never => {
  throw new ConfigError([`NEFOS_BOOTSTRAP_FILE: ${fault}`]);
};
const readText = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch (err) {
    return refuse(`can not read ${file} (${(err as NodeJS.ErrnoException).code})`);
  }
};
const parse = (text: string, file: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return refuse(`${file} is no JSON`);
  }
};
/** The principals that must exist, from the file that NEFOS_BOOTSTRAP_FILE names. @throws ConfigError */
export const readBootstrapFile = (file: string): Bootstrap => {
  const found = bootstrap.safeParse(parse(readText(file), file));
  if (found.success) return found.data;
  throw new ConfigError(found.error.issues.map((one) => `NEFOS_BOOTSTRAP_FILE: ${one.path.join('.')}: ${one.message}`));
};
