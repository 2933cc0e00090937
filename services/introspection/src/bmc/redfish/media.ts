import { objectOf, objectsOf, textOf, type Json } from '../../values.js';
import { BmcError } from '../domain/driver.js';
import type { Resource, Session } from './session.js';
import type { WireAnswer } from './wire.js';

const takesDiscs = (types: Json | undefined): boolean =>
  Array.isArray(types) && types.some((one) => one === 'CD' || one === 'DVD');

/** The drive for discs, of the system or of its first manager that has one. @throws BmcError `unsupported` */
const findDrive = async (session: Session, { body }: Resource): Promise<Resource> => {
  const holders = [
    body,
    ...(await readAll(session, objectsOf(objectOf(body.Links).ManagedBy).slice(0, 4))).map((one) => one.body),
  ];
  for (const holder of holders) {
    const list = session.follow(holder.VirtualMedia);
    if (list === undefined) continue;
    const { body: found } = await session.read(list);
    const drives = await readAll(session, objectsOf(found.Members).slice(0, 16));
    const drive = drives.find((one) => takesDiscs(one.body.MediaTypes));
    if (drive) return drive;
  }
  throw new BmcError('unsupported', 'The BMC has no virtual drive for discs.');
};
const readAll = async (session: Session, references: readonly Json[]): Promise<Resource[]> => {
  const found: Resource[] = [];
  for (const reference of references) {
    const path = session.follow(reference);
    if (path !== undefined) found.push(await session.read(path));
  }
  return found;
};
const act = async (session: Session, drive: Resource, name: string, body: object): Promise<WireAnswer> => {
  const action = objectOf(objectOf(drive.body.Actions)[`#VirtualMedia.${name}`]);
  const target = textOf(action.target) ?? `${drive.path}/Actions/VirtualMedia.${name}`;
  return session.post(session.follow(target) ?? target, body);
};

/** What is in the drive goes out first. */
export const insertedMedia = async (session: Session, system: Resource, url: string): Promise<WireAnswer> => {
  const drive = await findDrive(session, system);
  if (drive.body.Inserted === true) await act(session, drive, 'EjectMedia', {});
  return act(session, drive, 'InsertMedia', { Image: url, Inserted: true, WriteProtected: true });
};
export const ejectedMedia = async (session: Session, system: Resource): Promise<void> => {
  const drive = await findDrive(session, system);
  if (drive.body.Inserted === true) await act(session, drive, 'EjectMedia', {});
};
