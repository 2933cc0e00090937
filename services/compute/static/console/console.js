// What both pages of consoles share: the token, the WebSocket, and what is said about it.

const PROTOCOL = 'binary';
const TOKEN_PREFIX = 'nefos.console.';
const KEPT = `nefos-console ${location.pathname}`;

const byId = (id) => document.getElementById(id);
export const say = (text) => {
  byId('status').textContent = text;
};

/**
 * The token of the address. It leaves the address bar and the history, and is kept for this tab, so that the page can be
 * loaded again while the token lasts.
 */
const takeToken = () => {
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  if (token === null) return sessionStorage.getItem(KEPT);
  sessionStorage.setItem(KEPT, token);
  history.replaceState(null, '', location.pathname);
  return token;
};

/** Opens the WebSocket of the console, and hands it on; says why when it ends. */
export const open = (connected) => {
  const token = takeToken();
  // An address that differs behind the # only does not load the page anew.
  addEventListener('hashchange', () => location.reload());
  byId('full').addEventListener('click', () => {
    void byId('screen').requestFullscreen();
  });
  byId('again').addEventListener('click', () => location.reload());
  if (token === null) {
    say('There is no token: open the console from the portal.');
    return;
  }
  const address = new URL('socket', location.href);
  address.protocol = address.protocol.replace('http', 'ws');
  address.hash = '';
  const socket = new WebSocket(address, [PROTOCOL, TOKEN_PREFIX + token]);
  socket.binaryType = 'arraybuffer';
  let opened = false;
  socket.addEventListener('open', () => {
    opened = true;
    say('Connected');
  });
  socket.addEventListener('close', ({ reason }) => {
    byId('again').hidden = false;
    if (!opened) say('The console can not be opened: the instance does not run, or its address has expired.');
    else say(reason === '' ? 'The connection was lost.' : reason);
  });
  connected(socket);
};
