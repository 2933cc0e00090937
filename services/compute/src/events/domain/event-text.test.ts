import { perAudience } from './event-text.js';

describe('perAudience', () => {
  it('makes a text once for staff and once for end users, however many ask, and only when one asks', () => {
    const asked: boolean[] = [];
    const textFor = perAudience((staff) => {
      asked.push(staff);
      return staff ? 'all' : 'some';
    });
    expect(asked).toEqual([]);
    expect([false, true, false, true, true].map(textFor)).toEqual(['some', 'all', 'some', 'all', 'all']);
    expect(asked).toEqual([false, true]);
  });
});
