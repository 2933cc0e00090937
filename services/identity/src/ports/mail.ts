import nodemailer from 'nodemailer';

export interface Mail {
  to: string;
  subject: string;
  text: string;
  replyTo?: string;
  /** Equal when the same mail is sent again. */
  messageId?: string;
}
/** Hands mail to a server, or throws. Not `configured`: nothing is sent. */
export interface Mailer {
  readonly configured: boolean;
  send(mail: Mail): Promise<void>;
  close(): void;
}

/** Time limits in milliseconds for a server that does not answer; the URL may set others. */
const TIMEOUTS = { dnsTimeout: 5000, connectionTimeout: 5000, greetingTimeout: 5000, socketTimeout: 10_000 };
/** Limit of the whole exchange, for a server that sends a byte now and then. */
const DEADLINE_MS = 30_000;
/** nodemailer reads the settings of a connection from its URL alone. */
const withTimeouts = (url: string): string => {
  const address = new URL(url);
  for (const [name, ms] of Object.entries(TIMEOUTS))
    if (!address.searchParams.has(name)) address.searchParams.set(name, String(ms));
  return address.href;
};
/** Sends by SMTP. */
export const smtpMailer = (url: string, from: string): Mailer => {
  const transport = nodemailer.createTransport(withTimeouts(url), { from });
  return {
    configured: true,
    send: async (mail) => {
      let timer: NodeJS.Timeout | undefined;
      const deadline = new Promise<never>((_, reject) => {
        timer = setTimeout(
          () => reject(new Error(`the mail server has not taken the mail in ${DEADLINE_MS / 1000} s`)),
          DEADLINE_MS,
        );
      });
      const sent = transport.sendMail({ ...mail, disableFileAccess: true, disableUrlAccess: true });
      sent.catch(() => undefined); // it may fail after the deadline, when nobody waits for it
      await Promise.race([sent, deadline]).finally(() => clearTimeout(timer));
    },
    close: () => transport.close(),
  };
};
export const noMailer: Mailer = { configured: false, send: async () => undefined, close: () => undefined };
/** For tests: keeps sent mail, and fails when `failing` is set. */
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
