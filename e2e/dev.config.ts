/** `cargo xtask dev` with a browser beside it: `cargo xtask test --only dev`. */
import base from './playwright.config.ts';

export default { ...base, testDir: 'dev' };
