import { readFile, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { BmcError } from '../domain/driver.js';

const LARGEST = 1024 * 1024;

/**
 * The certificates of a file that a node names. Who may register nodes shall not make this service read any file: only
 * those of the operator's directory, links followed.
 * @throws BmcError `configuration`
 */
export const readCertificates = async (file: string, directory: string | null): Promise<string> => {
  const refuse = (why: string): BmcError => new BmcError('configuration', `redfish_verify_ca ${file}: ${why}.`);
  if (directory === null) throw refuse('no files are allowed, NEFOS_INTROSPECTION_BMC_CA_DIRECTORY is not set');
  const outside = refuse('it is no file of the directory NEFOS_INTROSPECTION_BMC_CA_DIRECTORY');
  let real: string;
  try {
    real = await realpath(path.resolve(directory, file));
    if (!real.startsWith((await realpath(directory)) + path.sep)) throw outside;
  } catch {
    // Whether a file exists elsewhere is not told.
    throw outside;
  }
  const { size } = await stat(real);
  if (size > LARGEST) throw refuse('it is too large');
  const text = await readFile(real, 'utf8');
  if (!text.includes('-----BEGIN CERTIFICATE-----')) throw refuse('it has no certificate in it');
  return text;
};
