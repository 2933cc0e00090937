import RFB from '../novnc/core/rfb.js';
import { open, say } from './console.js';

const keys = document.getElementById('keys');
open((socket) => {
  const screen = new RFB(document.getElementById('screen'), socket, { shared: true });
  screen.scaleViewport = true;
  screen.addEventListener('connect', () => {
    keys.disabled = false;
    screen.focus();
  });
  screen.addEventListener('disconnect', () => {
    keys.disabled = true;
  });
  screen.addEventListener('securityfailure', () => say('The machine refuses the console.'));
  screen.addEventListener('credentialsrequired', () => say('The machine asks for a password, which is not supported.'));
  screen.addEventListener('desktopname', ({ detail: { name } }) => {
    document.title = name;
  });
  keys.addEventListener('click', () => {
    screen.sendCtrlAltDel();
    screen.focus();
  });
});
