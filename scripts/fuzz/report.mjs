// @ts-check
// What the legs saw, added up.
const add = (into, from) => {
  for (const [name, n] of Object.entries(from)) into[name] = (into[name] ?? 0) + n;
  return into;
};
const SUCCESS = /^[23]/;

export class Report {
  sent = 0;
  heals = 0;
  slowest = [0, ''];
  operations = new Map();
  failures = new Map();
  notOffered = new Set();
  kinds = {};
  secrets = new Set();

  /**
   * @param {Record<string, { paths: Record<string, object> }>} documents by name: each operation is in the report even
   *   when it was
   *   never reached
   */
  constructor(documents) {
    for (const [name, { paths }] of Object.entries(documents))
      for (const [at, item] of Object.entries(paths))
        for (const method of Object.keys(item))
          if (method !== 'parameters') this.operations.set(`${name}: ${method.toUpperCase()} ${at}`, {});
  }

  /** One leg's result. */
  take({ document, sent, heals, slowest, statuses, failures, not_offered: notOffered, kinds, secrets }) {
    this.sent += sent;
    this.heals += heals;
    if (slowest[0] > this.slowest[0]) this.slowest = slowest;
    for (const [label, counts] of Object.entries(statuses)) {
      const name = `${document}: ${label}`;
      this.operations.set(name, add(this.operations.get(name) ?? {}, counts));
    }
    for (const [key, one] of Object.entries(failures)) {
      const known = this.failures.get(`${document}: ${key}`);
      if (known) known.count += one.count;
      else this.failures.set(`${document}: ${key}`, { ...one, operation: `${document}: ${one.operation}` });
    }
    for (const one of notOffered) this.notOffered.add(`${document}: ${one}`);
    for (const [kind, counts] of Object.entries(kinds)) this.kinds[kind] = add(this.kinds[kind] ?? {}, counts);
    for (const one of secrets) this.secrets.add(one);
  }

  succeeded = (name) => Object.keys(this.operations.get(name) ?? {}).some((status) => SUCCESS.test(status));
  failed = (name) => [...this.failures.values()].some((one) => one.operation === name);

  /** Operations that answered a request well; those that this installation does not offer; those that never did. */
  ratio() {
    const names = [...this.operations.keys()];
    const good = names.filter(this.succeeded);
    const notOffered = names.filter((one) => !this.succeeded(one) && this.notOffered.has(one));
    return {
      all: names.length,
      good: good.length,
      notOffered,
      never: names.filter((one) => !good.includes(one) && !notOffered.includes(one)),
    };
  }

  /** The report as text. */
  text({ seed, command }) {
    const statuses = (counts) =>
      Object.entries(counts)
        .map(([status, n]) => `${status}x${n}`)
        .join(' ') || 'not reached';
    const { all, good, notOffered, never } = this.ratio();
    const lines = ['Statuses by operation', ''];
    for (const [name, counts] of this.operations) lines.push(`  ${name}: ${statuses(counts)}`);
    lines.push('', 'Statuses by credential', '');
    for (const [kind, counts] of Object.entries(this.kinds)) lines.push(`  ${kind}: ${statuses(counts)}`);
    lines.push(
      '',
      `Not offered by this installation (${notOffered.length})`,
      '',
      ...notOffered.map((one) => `  ${one}`),
    );
    lines.push(
      '',
      `Never succeeded (${never.length})`,
      '',
      ...never.map((one) => `  ${one}: ${statuses(this.operations.get(one))}`),
    );
    lines.push('', `Failures (${this.failures.size} kinds)`);
    for (const one of [...this.failures.values()].sort((a, b) => b.count - a.count))
      lines.push(
        '',
        `  ${one.count} x ${one.operation}: ${one.check} ${one.status}: ${one.message}`,
        `    ${one.curl}`,
        `    ${one.answer}`,
      );
    lines.push(
      '',
      `${this.sent} requests, seed ${seed}; ${good} of ${all} operations succeeded, ` +
        `${notOffered.length} are not offered here`,
    );
    lines.push(`again: ${command}`);
    return `${lines.join('\n')}\n`;
  }
}
