// node lint-openapi.mjs <file>...: a line for each error that the recommended rules of Redocly find.
// The linter is an ES module, which Jest does not load. Warnings do not count: pages that only redirect have no 2xx,
// and one rule warns of that.
import process from 'node:process';
import { createConfig, lint } from '@redocly/openapi-core';

/** The addresses of cloudigrade end with a slash; without it they are redirected (contract metering §1). */
const ENDS_WITH_SLASH = /^#\/paths\/~1v2~1/;
const config = await createConfig({ extends: ['recommended'] });
for (const file of process.argv.slice(2))
  for (const { severity, ruleId, message, location } of await lint({ ref: file, config })) {
    const pointer = location[0]?.pointer ?? '';
    if (severity !== 'error' || (ruleId === 'no-path-trailing-slash' && ENDS_WITH_SLASH.test(pointer))) continue;
    console.log(`${file}: ${ruleId}: ${message} ${pointer}`);
  }
