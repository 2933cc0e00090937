import { readFileSync } from 'node:fs';
import path from 'node:path';
import { documents } from '../src/openapi.js';

it.each(Object.entries(documents))(
  '%s is what the contracts say: run "npm run openapi" after changing one',
  (name, make) => {
    expect(JSON.parse(readFileSync(path.join(__dirname, '..', name), 'utf8'))).toEqual(
      JSON.parse(JSON.stringify(make())),
    );
  },
);
