import { Fault, sentence, type Issue } from '@nefos/service-kit';
import { sentenceOf, wordingOf } from '../refusals.js';

const issueText = (issue: Issue): string => {
  const wording = wordingOf(issue.rule);
  const text = wording ? sentenceOf(wording, issue.values ?? {}) : sentence(issue);
  return issue.path.length ? `${issue.path.map(String).join('.')}: ${text}` : text;
};
/** A refusal in one line, in the words of the API. */
export const textOfFault = ({ code, kind, params }: Fault): string => {
  const wording = wordingOf(code);
  if (wording) {
    const said = sentenceOf(wording, params);
    const { reason } = params as { reason?: unknown };
    return typeof reason === 'string' && !said.includes(reason) ? `${said} (${reason})` : said;
  }
  if (params.issues?.length) return params.issues.map(issueText).join('; ');
  return kind === 'not_found' ? 'There is no such thing.' : `refused: ${code}`;
};
export const textOf = (err: unknown): string =>
  err instanceof Fault ? textOfFault(err) : ((err as Error).message.split('\n')[0] ?? 'failed');
