import nodemailer from 'nodemailer';

export interface Mail {
  to: string;
  subject: string;
  text: string;
  replyTo?: string;
}
/** Hands mail over. Throws when that fails. Not `configured`: nothing is mailed. */
export interface Mailer {
  readonly configured: boolean;
  send(mail: Mail): Promise<void>;
  close(): void;
}

export const smtpMailer = (url: string, from: string): Mailer => {
  const transport = nodemailer.createTransport(url, {
    from,
    connectionTimeout: 5000,
    greetingTimeout: 5000,
    socketTimeout: 10_000,
    disableFileAccess: true,
    disableUrlAccess: true,
  } as object);
  return {
    configured: true,
    send: async (mail) => {
      await transport.sendMail(mail);
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
