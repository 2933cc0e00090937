// @ts-check
// Only for run.mjs, which installs the plugin.
import { createRequire } from 'node:module';
import path from 'node:path';
import tseslint from 'typescript-eslint';

const require = createRequire(path.resolve(import.meta.dirname, '../../node_modules/.cache/nefos-redos/package.json'));
export default [
  // Tests read what we wrote ourselves.
  { ignores: ['**/dist/**', '**/node_modules/**', '**/test/**', '**/*.test.ts', 'scripts/bench/**'] },
  {
    files: ['**/*.ts', '**/*.mjs'],
    languageOptions: { parser: tseslint.parser },
    linterOptions: { reportUnusedDisableDirectives: 'off' },
    plugins: { redos: require('eslint-plugin-redos') },
    // Proofs, no guesses: what has a look-ahead can not be proven, and is judged by `npm run lint` alone.
    rules: { 'redos/no-vulnerable': ['error', { ignoreErrors: true, timeout: 60_000, checker: 'automaton' }] },
  },
];
