/**
 * The environment of QEMU and qemu-img: what they need and no more. That of compute has its secrets, and a guest that
 * breaks out of its machine would read them in /proc.
 */
// eslint-disable-next-line no-restricted-properties -- no setting: what the system gives to every program
export const childEnv = (own: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv => ({
  PATH: own.PATH ?? '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LANG: 'C',
  ...(own.TMPDIR !== undefined && { TMPDIR: own.TMPDIR }),
});
