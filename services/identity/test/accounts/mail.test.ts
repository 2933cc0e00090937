import net from 'node:net';
import type { AddressInfo } from 'node:net';
import { aloneAnyway, enqueue, sql, startWorker } from '@nefos/service-kit';
import { pino } from 'pino';
import { tasks } from '../../src/jobs.js';
import { smtpMailer } from '../../src/ports/mail.js';
import { people, until, useService } from '../support.js';

const log = pino({ level: 'silent' });
/** A server that takes connections and says what `talk` has it say. */
const listening = async (talk: (socket: net.Socket) => void) => {
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    talk(socket);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      for (const one of sockets) one.destroy();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
};
/** The least that a mail server says; `mails` is what it took. */
const smtp = (mails: string[]) => (socket: net.Socket) => {
  let inMail = false;
  let text = '';
  socket.write('220 ready\r\n');
  socket.on('data', (part) => {
    for (const line of String(part).split('\r\n')) {
      if (inMail && line === '.') {
        inMail = false;
        mails.push(text);
        socket.write('250 taken\r\n');
      } else if (inMail) text += `${line}\n`;
      else if (/^DATA/i.test(line)) {
        inMail = true;
        text = '';
        socket.write('354 go on\r\n');
      } else if (/^QUIT/i.test(line)) socket.end('221 bye\r\n');
      else if (line) socket.write('250 ok\r\n');
    }
  });
};

describe('mail', () => {
  const s = useService({ env: { NEFOS_IDENTITY_FEEDBACK_PER_HOUR: '1000' } });
  const send = (message: string) =>
    s
      .as(people.user.token)
      .post('/account/v1.0/feedback')
      .type('form')
      .send({ feedback_msg: message, feedback_data: 'v1' });
  const unsent = async () =>
    (await s.rows<{ message: string }>('select message from feedback where mailed_at is null order by id')).map(
      (r) => r.message,
    );

  it('200 while the mail server is silent: stored means stored, and the request waits for nobody', async () => {
    const { url, close } = await listening(() => undefined);
    const { mail } = s.ctx;
    s.ctx.mail = smtpMailer(url, 'nefos@localhost');
    const begun = performance.now();
    try {
      const res = await send('the server is silent').expect(200);
      expect([res.text, await unsent()]).toEqual(['', ['the server is silent']]);
      // The mail server would keep it for five seconds at least.
      expect(performance.now() - begun).toBeLessThan(4500);
      await s.work();
      expect(await unsent()).toEqual(['the server is silent']);
      const [job] = await s.rows<{ attempts: number; max: number; later: boolean; error: string }>(
        'select attempts, max_attempts max, run_at > now() later, last_error error from graphile_worker.jobs',
      );
      expect(job).toMatchObject({
        attempts: 1,
        max: 25,
        later: true,
        error: expect.stringMatching(/greeting|timeout/i),
      });
    } finally {
      s.ctx.mail.close();
      s.ctx.mail = mail;
      await close();
    }
    await s.work();
    expect([await unsent(), s.mail.sent.map((m) => m.text.includes('the server is silent'))]).toEqual([[], [true]]);
  }, 60_000);
  it.each([
    ['says nothing', () => undefined],
    ['goes silent after its greeting', (socket: net.Socket) => socket.write('220 ready\r\n')],
  ] as [string, (socket: net.Socket) => void][])(
    'a mail server that %s is given up in seconds',
    async (_what, talk) => {
      const { url, close } = await listening(talk);
      const mailer = smtpMailer(`${url}/?greetingTimeout=500&socketTimeout=500`, 'nefos@localhost');
      await expect(mailer.send({ to: 'a@example.com', subject: 'x', text: 'x' })).rejects.toThrow(/timeout|greeting/i);
      mailer.close();
      await close();
    },
    25_000,
  );
  it('a silent mail server fails the attempt within seconds, with a log line, and other jobs can run', async () => {
    const { url, close } = await listening(() => undefined);
    const lines: string[] = [];
    const heard = pino({ level: 'warn' }, { write: (line: string) => void lines.push(line) });
    const ctx = { ...s.ctx, mail: smtpMailer(`${url}/?greetingTimeout=500&socketTimeout=500`, 'nefos@localhost') };
    let others = 0;
    const other = async (): Promise<void> => void (others += 1);
    await send('nobody listens').expect(200);
    const worker = await startWorker({
      db: s.db,
      url: s.url,
      tasks: { ...tasks(ctx), other },
      concurrency: 1,
      log: heard,
    });
    try {
      // Tried again in place, as for a database that is away, it would take twelve attempts and more than ten seconds.
      await until(async () => lines.some((line) => line.includes('a job failed and will be tried again')), 8);
      expect(lines.filter((line) => line.includes('a job failed'))).toHaveLength(1);
      await s.db.transaction((tx) => enqueue(tx, 'other', {}));
      await until(async () => others === 1, 8);
    } finally {
      await worker.stop();
      ctx.mail.close();
      await close();
    }
    await sql(s.db, 'delete from graphile_worker._private_jobs');
    await sql(s.db, 'update feedback set mailed_at = now() where mailed_at is null');
  }, 60_000);
  it('the real worker mails what another process has stored before it was killed', async () => {
    const mails: string[] = [];
    const { url, close } = await listening(smtp(mails));
    // Committed, and nobody who runs jobs: as after a SIGKILL right after the commit.
    await send('left behind').expect(200);
    const ctx = { ...s.ctx, mail: smtpMailer(url, 'nefos@localhost') };
    const worker = await startWorker({ db: s.db, url: s.url, tasks: tasks(ctx), concurrency: 2, log });
    try {
      await until(async () => (await unsent()).length === 0, 30);
      expect(mails).toHaveLength(1);
      expect(mails[0]).toMatch(/^Message-ID: <feedback-\d+\.[0-9a-f-]{36}@gateway\.test>$/im);
      expect(mails[0]).toContain('left behind');
    } finally {
      await worker.stop();
      ctx.mail.close();
      await close();
    }
  }, 60_000);
  it('the job holds an id, not what was written; mailed once, it mails nothing again', async () => {
    s.mail.failing = true;
    await send('between us').expect(200);
    await s.work();
    s.mail.failing = false;
    expect(JSON.stringify(await s.rows('select * from graphile_worker._private_jobs'))).not.toContain('between us');
    const before = s.mail.sent.length;
    await s.work();
    const [{ id } = { id: '' }] = await s.rows<{ id: string }>("select id from feedback where message = 'between us'");
    await tasks(s.ctx)['feedback.mail']?.(
      { id },
      { signal: new AbortController().signal, attempt: 1, maxAttempts: 25, log, alone: aloneAnyway },
    );
    expect(s.mail.sent.length).toBe(before + 1);
  });
  it('200 and no job where no mail server is configured', async () => {
    const { mail } = s.ctx;
    s.ctx.mail = { ...mail, configured: false };
    try {
      await send('kept only').expect(200);
    } finally {
      s.ctx.mail = mail;
    }
    expect(await s.rows('select 1 from graphile_worker.jobs where attempts < max_attempts')).toEqual([]);
  });
});
