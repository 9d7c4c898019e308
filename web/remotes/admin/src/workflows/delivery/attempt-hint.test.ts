import { expect, it } from 'vitest';
import { hintFor } from './attempt-hint';

it('says nothing where all is well or nothing is known', () => {
  expect(hintFor(200, null)).toBeNull();
  expect(hintFor(204, null)).toBeNull();
  expect(hintFor(null, null)).toBeNull();
  expect(hintFor(null, 'something new')).toBeNull();
});

it.each([
  [401, 'secret'],
  [404, 'nobodyThere'],
  [301, 'redirect'],
  [410, 'gone'],
  [418, 'refusedBody'],
  [429, 'slowDown'],
  [500, 'itsError'],
  [503, 'behindProxy'],
])('answer %i: %s', (status, hint) => {
  expect(hintFor(status, null)).toBe(hint);
});

it.each([
  ['no answer within 20 seconds', 'timeout'],
  ['no connection within 5 seconds', 'noConnection'],
  ['no connection: Connection refused (os error 111)', 'noConnection'],
  ['no connection: failed to lookup address information: Name or service not known', 'name'],
  ['no connection: invalid peer certificate: Expired', 'certificate'],
  ['the address is in a network that deliveries may not reach', 'forbidden'],
  ['the endpoint was deleted', 'deleted'],
])('%s: %s', (error, hint) => {
  expect(hintFor(null, error)).toBe(hint);
});
