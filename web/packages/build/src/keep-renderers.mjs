/**
 * While it is developed, the page's first module: it remembers React's renderer for screens that are loaded later.
 *
 * A screen brings a Fast Refresh of its own, which looks for renderers that are there already in the hook of React's
 * developer tools. Without these tools nobody has written them down, and the screen's changes would be loaded and
 * not drawn.
 */
const name = '__REACT_DEVTOOLS_GLOBAL_HOOK__';

let next = 0;
globalThis[name] ??= {
  renderers: new Map(),
  supportsFiber: true,
  inject: () => ++next,
  onScheduleFiberRoot() {},
  onCommitFiberRoot() {},
  onCommitFiberUnmount() {},
};

const hook = globalThis[name];
const inject = hook.inject.bind(hook);
hook.inject = (renderer) => {
  const id = inject(renderer);
  hook.renderers.set(id, renderer);
  return id;
};
