// @ts-check
// One line that a person types to the openstack command, and what its answer must be.

/**
 * What earlier steps have left: ids by name, and the prefix of all names of this run.
 * @typedef {Record<string, any>} Memory
 */
/**
 * @typedef {object} Step
 * @property {string} line the command, as typed; `{name}` stands for what is remembered
 * @property {'user' | 'staff' | 'stranger'} as
 * @property {(out: any, memory: Memory, text: string) => unknown} holds
 *   `out`: the answer, parsed where it is JSON; true: as it must be
 * @property {boolean} json whether the answer is asked for in JSON
 * @property {boolean} refused whether the command has to fail
 * @property {'old' | 'new' | undefined} only which of the two clients has the command
 * @property {Record<string, string>} env further settings, e.g. OS_COMPUTE_API_VERSION
 * @property {string} doc what docs/openstack-clients.md says beside the command
 */

/** @param {Partial<Step> & { line: string }} one @returns {Step} */
const whole = (one) => ({
  as: 'user',
  holds: () => true,
  json: true,
  refused: false,
  only: undefined,
  env: {},
  doc: '',
  ...one,
});
/**
 * A command that answers a document.
 * @param {string} line
 * @param {Step['holds']} [holds]
 * @param {Partial<Step>} [more]
 */
export const shows = (line, holds = () => true, more = {}) => whole({ line, holds, ...more });
/** A command that answers nothing. @param {string} line @param {Partial<Step>} [more] */
export const does = (line, more = {}) => whole({ line, json: false, ...more });
/**
 * A command that has to fail, with these words.
 * @param {string} line
 * @param {RegExp} words
 * @param {Partial<Step>} [more]
 */
export const fails = (line, words, more = {}) =>
  whole({ line, json: false, refused: true, holds: (_out, _memory, text) => words.test(text), ...more });

/**
 * A command for which there is nothing here: the API has no such path or extension, and the client says so.
 * @param {string} line
 * @param {Partial<Step>} [more]
 */
export const absent = (line, more = {}) =>
  fails(line, /40[45]|not found|could not be found|No \S+ (found|with)|not supported|does not support|501/i, more);

/** The words of the line, with what is remembered in its places. @param {string} line @param {Memory} memory */
export const wordsOf = (line, memory) =>
  [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) =>
    String(quoted ?? plain).replace(/\{(\w+)\}/g, (_m, name) => String(memory[name] ?? `no-${name}`)),
  );
