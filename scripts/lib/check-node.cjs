// @ts-check
// Loaded before every script of ours (package.json): says in one line what an old Node could only say by a stack of its own.
// Plain words of ES5, so that every Node can read it.
var parts = process.versions.node.split('.').map(Number);
var wanted = [20, 19];
if (parts[0] < wanted[0] || (parts[0] === wanted[0] && parts[1] < wanted[1])) {
  process.stderr.write(
    'Nefos needs Node.js ' +
      wanted.join('.') +
      ' or newer, this is ' +
      process.versions.node +
      ': install a newer one from https://nodejs.org/ (Debian 12 and older have none; with nvm: nvm install --lts)\n'
  );
  process.exit(1);
}
