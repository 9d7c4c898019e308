/** Text that was written but not sent, kept on this device for each person apart. */
import type { SessionUser } from '@flowbit/api';

type Owner = Pick<SessionUser, 'id' | 'customerId'>;

function keyOf(owner: Owner, name: string): string {
  return `flowbit-draft:${owner.customerId}:${owner.id}:${name}`;
}

export function readDraft<T>(owner: Owner, name: string): T | null {
  try {
    const text = localStorage.getItem(keyOf(owner, name));
    return text === null ? null : (JSON.parse(text) as T);
  } catch {
    return null;
  }
}

/** Null forgets it. Returns whether the device kept it. */
export function writeDraft<T>(owner: Owner, name: string, draft: T | null): boolean {
  try {
    if (draft === null) localStorage.removeItem(keyOf(owner, name));
    else localStorage.setItem(keyOf(owner, name), JSON.stringify(draft));
    return true;
  } catch {
    // Storage may be full or switched off.
    return false;
  }
}
