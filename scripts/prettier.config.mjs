// One way to write things down; `npm run format` writes it, `npm test` checks it.
export default { printWidth: 160, singleQuote: true, objectWrap: 'collapse' };
