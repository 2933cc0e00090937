import { Fault } from '@nefos/service-kit';
import { dbOf } from '../../access/domain/claim.js';
import type { ComputeRequest } from '../../ctx.js';
import { can } from '../../networking/domain/capabilities.js';
import { defaultGroup } from '../../networking/domain/default-group.js';
import type { For } from '../../networking/domain/owned.js';
import { addRule, createGroup, getGroup, removeRule, type RuleInput } from '../../networking/domain/security-groups.js';
import { findGroupsNamed, lockGroupRow, type NamedGroup } from '../store/region-groups.js';

export { findGroupsNamed };

// A security group is a region's here, and a project's in OpenStack: clients do not say of which region a group is to
// be. So one that a server or a port names and its region does not have is made there, as it is where it was made.

/** Where the groups are wanted, and whose they are. */
interface Place {
  regionId: string;
  projectId: string;
  whose: For;
}
const several = (word: string): Fault =>
  new Fault('conflict', 'facade.refused', {
    message: `Multiple security groups found matching '${word}'. Use an ID to be more specific.`,
  });
/** The one that is meant; undefined: there is none. @throws Fault conflict: several have the name */
export const pickGroup = (groups: readonly NamedGroup[], word: string): NamedGroup | undefined => {
  const [first, another] = groups;
  const exact = groups.find(({ id }) => id === word);
  if (!exact && another) throw several(word);
  return exact ?? first;
};
const keyOf = ({ direction, ethertype, protocol, portMin, portMax, remotePrefix, remoteGroupId }: RuleInput): string =>
  JSON.stringify([direction, ethertype, protocol, portMin, portMax, remotePrefix, remoteGroupId]);

/** @param made ids in the region by those of the groups that they are made of: groups may let each other in */
const copy = async (
  ctx: ComputeRequest,
  source: NamedGroup,
  place: Place,
  made: Map<string, string>,
): Promise<string> => {
  const { name, description, rules } = await getGroup(ctx, source.id);
  const copied = await createGroup(ctx, { region: place.regionId, name, description }, place.whose);
  made.set(source.id, copied.id);
  const wanted: RuleInput[] = [];
  for (const { direction, ethertype, protocol, portMin, portMax, remotePrefix, remoteGroupId } of rules) {
    const remote = remoteGroupId === null ? null : await inRegion(ctx, remoteGroupId, place, made);
    wanted.push({ direction, ethertype, protocol, portMin, portMax, remotePrefix, remoteGroupId: remote });
  }
  const keys = new Set(wanted.map(keyOf));
  const first = new Set(copied.rules.map(keyOf));
  for (const rule of copied.rules) if (!keys.has(keyOf(rule))) await removeRule(ctx, copied.id, rule.id);
  for (const rule of wanted) if (!first.has(keyOf(rule))) await addRule(ctx, copied.id, rule);
  return copied.id;
};
/** The id of a group in the region; a word that names none stays as it is. */
const inRegion = async (
  ctx: ComputeRequest,
  word: string,
  place: Place,
  made: Map<string, string>,
): Promise<string> => {
  const { regionId, projectId } = place;
  const before = made.get(word);
  if (before !== undefined) return before;
  const all = await findGroupsNamed(dbOf(ctx), projectId, word);
  // The portal chooses among those of the region.
  if (all.some((one) => one.regionId === regionId)) return word;
  // The portal makes a project's default group in each region by itself.
  if (all.some(({ isDefault, name }) => isDefault && name === word)) return word;
  const source = pickGroup(all, word);
  if (!source) return word;
  // Two requests at once make one.
  await dbOf(ctx).transaction((tx) => lockGroupRow(tx, source.id));
  const there = (await findGroupsNamed(dbOf(ctx), projectId, source.name)).filter(
    (one) => one.regionId === regionId && one.isDefault === source.isDefault,
  );
  if (source.isDefault)
    return there[0]?.id ?? dbOf(ctx).transaction((tx) => defaultGroup(ctx, tx, { projectId, regionId }));
  return pickGroup(there, source.name)?.id ?? copy(ctx, source, place, made);
};
/**
 * Security groups as a request names them, for a server or port in a region: what the project has in another region
 * only is made there, with its rules.
 * @param ctx of one transaction, see `inOne`
 * @returns names and ids for the portal's functions
 * @throws Fault conflict: several have the name; as `createGroup` and `addRule`
 */
export const groupsInRegion = async (
  ctx: ComputeRequest,
  words: readonly string[],
  place: Place,
): Promise<string[]> => {
  if (!can(ctx, place.regionId, 'security_group')) return [...words];
  const made = new Map<string, string>();
  const found: string[] = [];
  for (const word of words) found.push(await inRegion(ctx, word, place, made));
  return found;
};
