import { bmcAddressOf, ipOf } from '../../addresses.js';
import type { IntrospectionCtx } from '../../ctx.js';
import { demandNode } from '../../nodes/domain/nodes.js';
import { parseExactly } from '../../json-text.js';
import { findData } from '../../runs/domain/records.js';
import { demandRun } from '../../runs/domain/find.js';
import { inspectorTime } from '../../times.js';
import { isObject, numberOf, objectOf, objectsOf, textOf, wholeOf, type Json, type JsonObject } from '../../values.js';

const text = (value: Json | undefined): string | null => textOf(value) ?? null;
const flag = (value: Json | undefined): boolean | null => (typeof value === 'boolean' ? value : null);
const diskOf = (disk: JsonObject) => ({
  name: text(disk.name),
  size_bytes: numberOf(disk.size) ?? null,
  rotational: flag(disk.rotational),
  model: text(disk.model),
  serial: text(disk.serial),
  wwn: text(disk.wwn),
});
const cardOf = ([name, card]: [string, Json]) => {
  const { mac, ip, pxe } = objectOf(card);
  return { name, mac: typeof mac === 'string' ? mac : '', ip: text(ip), pxe: pxe === true };
};
/** More than a host has; a list of every answer is bounded. */
const MOST = 1000;
/** What a machine is made of, from its processed data. */
export const summaryOf = (data: JsonObject) => {
  const inventory = objectOf(data.inventory);
  const interfaces = Object.entries(objectOf(data.all_interfaces)).slice(0, MOST).map(cardOf);
  const vendor = objectOf(inventory.system_vendor);
  return {
    cpus: wholeOf(data.cpus) ?? null,
    cpu_arch: text(data.cpu_arch),
    memory_mb: wholeOf(data.memory_mb) ?? null,
    local_gb: wholeOf(data.local_gb) ?? null,
    root_disk: isObject(data.root_disk) ? diskOf(data.root_disk) : null,
    disks: objectsOf(inventory.disks).slice(0, MOST).map(diskOf),
    interfaces,
    addresses: [...new Set(interfaces.flatMap(({ ip }) => ipOf(ip) ?? []))],
    bmc_address: bmcAddressOf(data.ipmi_address) ?? null,
    bmc_v6address: bmcAddressOf(data.ipmi_v6address) ?? null,
    boot_mode: text(objectOf(inventory.boot).current_boot_mode),
    vendor: {
      manufacturer: text(vendor.manufacturer),
      product_name: text(vendor.product_name),
      serial_number: text(vendor.serial_number),
    },
  };
};
/** For who takes the machine as a host. @throws Fault not_found node.absent, run.absent */
export const readSummary = async (ctx: IntrospectionCtx, ref: string) => {
  const { uuid, name } = await demandNode(ctx.db, ref);
  const run = await demandRun(ctx.db, uuid);
  const stored = await findData(ctx.db, uuid, 'processed');
  const data = stored === undefined ? {} : (parseExactly(stored) as JsonObject);
  return { uuid, name, state: run.state, finished_at: inspectorTime(run.finishedAt), ...summaryOf(data) };
};
