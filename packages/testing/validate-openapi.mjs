// node validate-openapi.mjs <file>...: a line for each file that is no valid OpenAPI document. (The validator is an ES
// module, which Jest does not load.)
import { readFileSync } from 'node:fs';
import { Validator } from '@seriousme/openapi-schema-validator';

for (const file of process.argv.slice(2)) {
  const validator = new Validator();
  const { valid, errors } = await validator.validate(JSON.parse(readFileSync(file, 'utf8')));
  if (!valid || validator.version !== '3.1')
    console.log(`${file}: OpenAPI ${validator.version}, ${JSON.stringify(errors)}`);
}
