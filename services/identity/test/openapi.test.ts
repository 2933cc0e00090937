import { readFileSync } from 'node:fs';
import path from 'node:path';
import { document } from '../src/openapi.js';

it('openapi.json is what the contracts say: run `npm run openapi` when this fails', () => {
  expect(JSON.parse(readFileSync(path.join(__dirname, '../openapi.json'), 'utf8'))).toEqual(
    JSON.parse(JSON.stringify(document())),
  );
});
