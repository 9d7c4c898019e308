/**
 * The page's first module.
 *
 * It hands the page's nonce to the bundler's loader, which otherwise keeps the placeholder of the
 * build, and loads the rest: shared packages are negotiated between this import and the next.
 */
import { pageNonce } from './nonce';

// biome-ignore lint/style/useConst: the bundler's loader reads what is assigned
declare let __webpack_nonce__: string | undefined;
__webpack_nonce__ = pageNonce;

void import('./bootstrap');
