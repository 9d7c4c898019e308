/** Short notices, from any screen. */
import type { Toast } from '@flowbit/contract';

export interface ShownToast extends Toast {
  id: number;
}

const MAX_SHOWN = 4;
const listeners = new Set<() => void>();
let shown: readonly ShownToast[] = [];
let nextId = 1;

function set(next: readonly ShownToast[]) {
  shown = next;
  for (const listener of listeners) listener();
}

export function showToast(toast: Toast): void {
  const others = toast.key === undefined ? shown : shown.filter(({ key }) => key !== toast.key);
  set([...others, { ...toast, id: nextId++ }].slice(-MAX_SHOWN));
}

export function dismissToast(id: number): void {
  set(shown.filter((toast) => toast.id !== id));
}

export function dismissAllToasts(): void {
  set([]);
}

export const toastStore = {
  subscribe(listener: () => void) {
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  },
  getSnapshot: () => shown,
};
