// @ts-check
// A guest for tests, built from Debian packages: their kernel, and an initrd of busybox, the guest agent and a script
// that stands for cloud-init. It boots from a small disk by itself, or from an ISO image.
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../lib/prepare.mjs';
import { has, provide } from '../lib/provide.mjs';

const TOOLS = ['syslinux', 'syslinux-common', 'isolinux', 'xorriso', 'mtools', 'dosfstools', 'cpio', 'busybox-static'];
/** In the order in which they are loaded. */
const MODULES = [
  ...['virtio_ring', 'virtio', 'virtio_pci_legacy_dev', 'virtio_pci_modern_dev', 'virtio_pci', 'virtio_blk'],
  ...['failover', 'net_failover', 'virtio_net', 'virtio_console', 'button', 'evdev'],
  ...['fat', 'nls_cp437', 'nls_iso8859-1', 'nls_ascii', 'nls_utf8', 'vfat'],
];
const MIB = 1024 ** 2;

/** Why the guest can not be built; undefined: it can. */
export const whyNoGuest = () =>
  provide(['qemu-system-x86', 'qemu-utils'], () => has('qemu-system-x86_64') && has('qemu-img')) ??
  provide(TOOLS, () => ['syslinux', 'xorriso', 'mcopy', 'mkfs.vfat', 'cpio'].every(has) && has('busybox'));

/** @param {string} command @param {string[]} args @param {string} cwd */
const run = (command, args, cwd) =>
  execFileSync(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8', maxBuffer: 64 * MIB });
/** Files of packages, which are not installed. @param {string} dir @param {string[]} names */
const unpack = (dir, names) => {
  const debs = path.join(dir, 'debs');
  const files = path.join(dir, 'files');
  for (const one of [debs, files]) mkdirSync(one, { recursive: true });
  run('apt-get', ['download', '-qq', ...names], debs);
  for (const deb of readdirSync(debs)) run('dpkg-deb', ['-x', deb, files], debs);
  return files;
};
const kernelPackage = () => {
  const found = /Depends: (linux-image-\S+)/.exec(run('apt-cache', ['depends', 'linux-image-cloud-amd64'], '/'));
  if (!found?.[1]) throw new Error('the package linux-image-cloud-amd64 names no kernel');
  return found[1];
};
/** @param {string} dir @param {string} name */
const only = (dir, name) => {
  const [found] = run('find', [dir, '-path', `${dir}/${name}`, '-prune'], dir).split('\n');
  if (!found) throw new Error(`the packages have no ${name}`);
  return found;
};
/**
 * The libraries of a program, copied where it looks for them.
 * @param {string} program @param {string} files @param {string} to
 */
const copyLibraries = (program, files, to) => {
  const env = { ...process.env, LD_LIBRARY_PATH: `${files}/lib/x86_64-linux-gnu:${files}/usr/lib/x86_64-linux-gnu` };
  const lines = execFileSync('ldd', [program], { env, encoding: 'utf8' }).split('\n');
  for (const line of lines) {
    const file = /(?:=> |^\s+)(\/\S+) \(/.exec(line)?.[1];
    if (!file) continue;
    const target = path.join(to, line.includes('=>') ? 'lib' : 'lib64', path.basename(file));
    mkdirSync(path.dirname(target), { recursive: true });
    copyFileSync(file, target);
  }
};
const scripts = {
  'bin/on-lease': '#!/bin/sh\n[ "$1" = bound ] && ifconfig "$interface" "$ip" netmask "$subnet"\nexit 0\n',
  'bin/greet': '#!/bin/sh\necho "SSH-2.0-$(hostname)"\n',
  // Called by the agent, too.
  'usr/sbin/chpasswd':
    '#!/bin/sh\nIFS=: read -r user password\nhash=$(mkpasswd -m sha512 "$password")\n' +
    'echo "$user:$hash:19000:0:99999:7:::" >/etc/shadow\n',
};
/** @param {string} dir @param {string} files */
const makeInitrd = (dir, files) => {
  const tree = path.join(dir, 'initrd');
  for (const one of ['bin', 'dev', 'proc', 'sys', 'modules', 'usr/sbin', 'etc', 'lib', 'lib64'])
    mkdirSync(path.join(tree, one), { recursive: true });
  copyFileSync(execFileSync('sh', ['-c', 'command -v busybox'], { encoding: 'utf8' }).trim(), `${tree}/bin/busybox`);
  const modules = only(files, 'lib/modules/*');
  for (const name of MODULES) copyFileSync(only(modules, `kernel/*/${name}.ko`), `${tree}/modules/${name}.ko`);
  writeFileSync(`${tree}/modules/order`, MODULES.join('\n'));
  copyFileSync(path.join(root, 'scripts/interop/qemu-guest-init.sh'), `${tree}/init`);
  for (const [name, text] of Object.entries(scripts)) writeFileSync(path.join(tree, name), text, { mode: 0o755 });
  const agent = path.join(files, 'usr/sbin/qemu-ga');
  copyFileSync(agent, `${tree}/usr/sbin/qemu-ga`);
  copyLibraries(agent, files, tree);
  for (const name of ['init', 'bin/busybox', 'usr/sbin/qemu-ga']) chmodSync(path.join(tree, name), 0o755);
  execFileSync('sh', ['-c', 'find . | cpio -o -H newc -R 0:0 --quiet | gzip -1 >../initrd.gz'], { cwd: tree });
  return path.join(dir, 'initrd.gz');
};
/** @param {string} more */
const bootLoader = (more) =>
  'default nefos\nprompt 0\ntimeout 1\nlabel nefos\n kernel /vmlinuz\n' +
  ` append initrd=/initrd.gz console=ttyS0 quiet panic=1 no_timer_check ${more}\n`;
/** A disk with a boot loader and the system. @param {string} dir @param {string} kernel @param {string} initrd */
const makeDisk = (dir, kernel, initrd) => {
  const raw = path.join(dir, 'guest.raw');
  run('truncate', ['-s', String(48 * MIB), raw], dir);
  run('mkfs.vfat', ['-n', 'NEFOSROOT', raw], dir);
  const config = path.join(dir, 'syslinux.cfg');
  writeFileSync(config, bootLoader(''));
  for (const [file, name] of [
    [kernel, 'vmlinuz'],
    [initrd, 'initrd.gz'],
    [config, 'syslinux.cfg'],
  ])
    run('mcopy', ['-i', raw, String(file), `::${name}`], dir);
  run('syslinux', ['--install', raw], dir);
  return raw;
};

/**
 * @param {string} dir a directory of the caller's
 * @returns {{ disk: string, iso: string }} a qcow2 image and an ISO image
 */
export const buildGuest = (dir) => {
  mkdirSync(dir, { recursive: true });
  const built = { disk: path.join(dir, 'guest.qcow2'), iso: path.join(dir, 'guest.iso') };
  if (existsSync(built.disk) && existsSync(built.iso)) return built;
  const files = unpack(dir, [kernelPackage(), 'qemu-guest-agent', 'libglib2.0-0', 'libnuma1', 'libudev1', 'liburing2']);
  const kernel = only(files, 'boot/vmlinuz-*');
  const initrd = makeInitrd(dir, files);

  const raw = makeDisk(dir, kernel, initrd);
  run('qemu-img', ['convert', '-f', 'raw', '-O', 'qcow2', raw, built.disk], dir);

  const tree = path.join(dir, 'iso');
  mkdirSync(tree, { recursive: true });
  for (const [from, to] of [
    [kernel, 'vmlinuz'],
    [initrd, 'initrd.gz'],
    ['/usr/lib/ISOLINUX/isolinux.bin', 'isolinux.bin'],
    ['/usr/lib/syslinux/modules/bios/ldlinux.c32', 'ldlinux.c32'],
  ])
    copyFileSync(String(from), path.join(tree, String(to)));
  writeFileSync(path.join(tree, 'isolinux.cfg'), bootLoader('nefos.iso'));
  const boot = ['-b', 'isolinux.bin', '-c', 'boot.cat', '-no-emul-boot', '-boot-load-size', '4', '-boot-info-table'];
  run('xorriso', ['-as', 'mkisofs', '-quiet', '-o', built.iso, '-J', '-R', ...boot, tree], dir);
  return built;
};
