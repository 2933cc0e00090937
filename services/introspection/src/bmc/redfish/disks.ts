import { objectsOf, textOf, type Json, type JsonObject } from '../../values.js';
import type { Reader } from './reader.js';
import type { Resource } from './session.js';

const sizeOf = (value: Json | undefined): number | undefined =>
  typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : undefined;
const diskOf = (drive: JsonObject): JsonObject[] => {
  const size = sizeOf(drive.CapacityBytes);
  const name = textOf(drive.Name) ?? textOf(drive.Id);
  if (size === undefined || name === undefined) return [];
  const media = textOf(drive.MediaType);
  return [
    {
      name,
      size,
      ...(media !== undefined && { rotational: media === 'HDD' }),
      serial: textOf(drive.SerialNumber) ?? null,
      model: textOf(drive.Model) ?? '',
      vendor: textOf(drive.Manufacturer) ?? null,
    },
  ];
};

/** Drives of the storage; where there is none, the devices of the simple storage. */
export const disksOf = async (reader: Reader, { body }: Resource): Promise<JsonObject[]> => {
  const found: JsonObject[] = [];
  for (const storage of await reader.members(body.Storage))
    for (const drive of await reader.members(storage.Drives)) found.push(...diskOf(drive));
  if (found.length) return found;
  for (const simple of await reader.members(body.SimpleStorage))
    for (const device of objectsOf(simple.Devices)) found.push(...diskOf(device));
  return found;
};
