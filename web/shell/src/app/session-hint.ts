/** Whether somebody has signed in with this browser: no secret, and the same for all its tabs. */
import type { SessionHint } from '@flowbit/api';

const KEY = 'flowbit-signed-in';

export const sessionHint: SessionHint = {
  get() {
    try {
      return localStorage.getItem(KEY) !== null;
    } catch {
      // Without storage the server is asked.
      return true;
    }
  },
  set(isSignedIn) {
    try {
      if (isSignedIn) localStorage.setItem(KEY, '1');
      else localStorage.removeItem(KEY);
    } catch {
      // As above.
    }
  },
};
