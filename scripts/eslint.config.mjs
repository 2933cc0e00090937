// @ts-check
import regexp from 'eslint-plugin-regexp';
import tseslint from 'typescript-eslint';

/** Lines of at most 120 columns, comments and strings included, but for addresses and regular expressions. */
const maxLen = { code: 120, tabWidth: 2, ignoreUrls: true, ignoreRegExpLiterals: true };
/** Tests have titles, statements and answers of the originals that say more in one piece. */
const maxLenOfTests = { ...maxLen, ignoreStrings: true, ignoreTemplateLiterals: true, ignoreComments: false };
/** A migration that landed is never changed. */
const UNCHANGEABLE = ['**/migrations/**'];

const root = `${import.meta.dirname}/..`;
/** Rules of all sources. @type {import('typescript-eslint').ConfigWithExtends['rules']} */
const RULES = {
  '@typescript-eslint/no-unused-vars': [
    'error',
    { argsIgnorePattern: '^_', varsIgnorePattern: '^_', destructuredArrayIgnorePattern: '^_' },
  ],
  '@typescript-eslint/require-await': 'off', // a port's method is async whether or not one implementation waits
  '@typescript-eslint/no-non-null-assertion': 'error',
  eqeqeq: ['error', 'smart'],
};
/** Off where values are whatever an answer has: tests and scripts look at parsed JSON and rows of a query. */
const UNCHECKED_VALUES = /** @type {const} */ ({
  '@typescript-eslint/no-unsafe-assignment': 'off',
  '@typescript-eslint/no-unsafe-member-access': 'off',
  '@typescript-eslint/no-unsafe-argument': 'off',
  '@typescript-eslint/no-unsafe-call': 'off',
  '@typescript-eslint/no-unsafe-return': 'off',
});

export default tseslint.config(
  { ignores: ['**/dist/**', '**/node_modules/**', '**/*.json', '**/*.d.ts'] },
  { linterOptions: { reportUnusedDisableDirectives: true } },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { project: ['./scripts/tsconfig.lint.json'], tsconfigRootDir: root } },
    rules: {
      ...RULES,
      '@typescript-eslint/consistent-type-imports': 'error',
      'no-console': 'error',
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'only config.ts reads the environment' },
      ],
    },
  },
  {
    files: ['**/*.mjs'],
    ignores: ['scripts/dependency-cruiser.config.mjs', 'scripts/openapi.mjs', 'scripts/schema.mjs'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: {
      parserOptions: {
        project: ['./scripts/tsconfig.scripts.json', './scripts/tsconfig.tools.json'],
        tsconfigRootDir: root,
      },
    },
    rules: { ...RULES, ...UNCHECKED_VALUES },
  },
  {
    files: [
      '**/*.test.ts',
      '**/test/**/*.ts',
      '**/testing/**/*.ts',
      '**/config.ts',
      '**/main.ts',
      '**/cli/**/*.ts',
      '**/cli.ts',
    ],
    rules: { 'no-restricted-properties': 'off' },
  },
  {
    files: ['**/*.test.ts', '**/test/**/*.ts'],
    rules: {
      ...UNCHECKED_VALUES,
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  { files: ['**/cli/**/*.ts', '**/cli.ts'], rules: { 'no-console': 'off' } },
  { files: ['**/*.ts', '**/*.mjs'], ignores: UNCHANGEABLE, rules: { 'max-len': ['error', maxLen] } },
  { files: ['**/*.test.ts', '**/test/**'], rules: { 'max-len': ['error', maxLenOfTests] } },
  {
    // A pattern takes time in proportion to the text, whoever sends it. `npm run lint:redos` looks deeper, and takes
    // longer.
    files: ['**/*.ts', '**/*.mjs'],
    plugins: { regexp },
    rules: {
      'regexp/no-super-linear-backtracking': ['error', { report: 'potential' }],
      'regexp/no-super-linear-move': ['error', { report: 'potential', ignoreSticky: false, ignorePartial: false }],
    },
  },
);
