/** The stack of compose.yaml in a browser: `cargo xtask test --only compose` starts it. */
import base from './playwright.config.ts';

export default { ...base, testDir: 'compose' };
