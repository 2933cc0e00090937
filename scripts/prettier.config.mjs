// @ts-check
// One way to write things down; `npm run format` writes it, `npm test` checks it.
export default { printWidth: 120, singleQuote: true, objectWrap: 'collapse' };
