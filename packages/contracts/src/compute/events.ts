import { z } from 'zod';
import { contractIn } from '../endpoint.js';
import { one } from './params.js';

const contract = contractIn('events');

const query = z.looseObject({
  client: one.describe('only events of this client'),
  type: one.describe('types or their first words, comma-separated: `instance.state`, `operation`'),
  seconds: one.describe('ends after so many seconds; 0: after what `Last-Event-ID` missed'),
  last_event_id: one.describe('as the header, for clients that can not send one'),
});
const streamOf = <const Root extends 'staffapi' | 'api', const Access extends 'staff' | 'enduser'>(
  root: Root,
  access: Access,
  whose: string,
) =>
  contract({
    method: 'get',
    path: `/${root}/events`,
    access,
    status: 200,
    summary: 'Listen to what happens',
    description:
      `A stream of server-sent events: ${whose} operations and changes of state, as they happen. ` +
      'A reader that comes again with `Last-Event-ID` gets what it missed, for an hour at least. 429: the user has ' +
      'too many streams, 503: the process has.',
    source: 'contract compute §10.1',
    query,
    refusals: [404],
    headers: { 'Last-Event-ID': 'the id of the last event that was read' },
    produces: ['text/event-stream'],
  });
export const staffEvents = streamOf('staffapi', 'staff', "everybody's");
export const userEvents = streamOf('api', 'enduser', "one's own clients'");
