/** The nonce that the server gave to this page. Browsers hide it from the attribute, not from here. */
export const pageNonce: string | undefined =
  document.querySelector<HTMLScriptElement>('script[nonce]')?.nonce || undefined;
