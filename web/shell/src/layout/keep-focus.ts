/** The screen's own rectangle: what had the focus may be gone, and Tab must not begin at the page's top. */
export function focusMainIfLost(): void {
  const { activeElement } = document;
  if (activeElement !== null && activeElement !== document.body) return;
  document.getElementById('main')?.focus({ preventScroll: true });
}
