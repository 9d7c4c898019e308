import { expect, it } from 'vitest';
import { describeFailure } from './describe-failure';

it.each([
  ['answered with status 410', 'It answered with status 410.', 'Er hat mit Status 410 geantwortet.'],
  ['no connection: connection refused', 'Nothing answers at its address.', /antwortet nichts/],
  ['no connection: invalid peer certificate', 'The connection to it could not be secured.', /sichern/],
  ['no connection: dns error', 'The name of its host could not be found.', /nicht gefunden/],
  ['no answer within 20 seconds', 'It gave no answer.', /keine Antwort/],
  ['the address is in a network that deliveries may not reach', /may not be reached/, /darf/],
])('%s', (error, english, german) => {
  expect(describeFailure(error, 'en')).toMatch(english);
  expect(describeFailure(error, 'de')).toMatch(german);
});

it('hides nothing that it has no words for', () => {
  expect(describeFailure('the moon is full', 'de')).toBe('the moon is full');
});
