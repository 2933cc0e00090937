import nodemailer from 'nodemailer';

export interface Mail {
  to: string;
  subject: string;
  text: string;
  replyTo?: string;
  /** The same for the same mail sent again. */ messageId?: string;
}
/** Hands mail over. Throws when that fails. Not `configured`: nothing is mailed. */
export interface Mailer {
  readonly configured: boolean;
  send(mail: Mail): Promise<void>;
  close(): void;
}

/** Milliseconds. A server that is silent, or goes silent, keeps a job no longer than this; the address may set others. */
const PATIENCE = { dnsTimeout: 5000, connectionTimeout: 5000, greetingTimeout: 5000, socketTimeout: 10_000 };
/** All together, for a server that answers a byte now and then. */
const DEADLINE_MS = 30_000;
/** nodemailer takes the settings of a connection from its address alone. */
const withPatience = (url: string): string => {
  const address = new URL(url);
  for (const [name, ms] of Object.entries(PATIENCE))
    if (!address.searchParams.has(name)) address.searchParams.set(name, String(ms));
  return address.href;
};
export const smtpMailer = (url: string, from: string): Mailer => {
  const transport = nodemailer.createTransport(withPatience(url), { from });
  return {
    configured: true,
    send: async (mail) => {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(
          () => reject(new Error(`the mail server has not taken the mail in ${DEADLINE_MS / 1000} s`)),
          DEADLINE_MS,
        );
      });
      const sent = transport.sendMail({ ...mail, disableFileAccess: true, disableUrlAccess: true });
      sent.catch(() => undefined);
      await Promise.race([sent, late]).finally(() => clearTimeout(timer));
    },
    close: () => transport.close(),
  };
};
export const noMailer: Mailer = { configured: false, send: async () => undefined, close: () => undefined };
/** For tests: keeps what was sent, fails on demand. */
export const fakeMailer = (): Mailer & { sent: Mail[]; failing: boolean } => {
  const fake = {
    configured: true,
    sent: [] as Mail[],
    failing: false,
    send: async (mail: Mail) => {
      if (fake.failing) throw new Error('the mail server does not answer');
      fake.sent.push(mail);
    },
    close: () => undefined,
  };
  return fake;
};
