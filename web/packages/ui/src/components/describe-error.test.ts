import { expect, it } from 'vitest';
import { describeError } from './describe-error';

const offline = { code: 'offline', status: 0 };

it('says of what could not be done what to do, and of what could not be read that it comes by itself', () => {
  expect(describeError.en(offline)).toMatchObject({ isOffline: true });
  expect(describeError.en(offline).meaning).toMatch(/try again/);
  expect(describeError.en(offline, { isReading: true }).meaning).toMatch(/loads again/);
  expect(describeError.de(offline).meaning).not.toBe(describeError.de(offline, { isReading: true }).meaning);
});

it('goes by the code, then by the status', () => {
  expect(describeError.en({ code: 'conflict', status: 409 }).title).toMatch(/changed/);
  expect(describeError.en({ code: 'internal', status: 500, requestId: 'r1' })).toMatchObject({
    title: 'The server had a problem',
    requestId: 'r1',
  });
  expect(describeError.en({ code: 'unread', status: 400 }).title).toBe('This didn’t work');
  expect(describeError.en(new Error('x')).title).toBe('This didn’t work');
  expect(describeError.en(null).title).toBe('This didn’t work');
});
