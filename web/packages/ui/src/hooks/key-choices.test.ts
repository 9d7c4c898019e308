import { afterEach, expect, it, vi } from 'vitest';
import { bindHotkeys, type Hotkey } from './hotkeys';
import { canChooseKeys, chooseKeys, findKeyProblem, forgetKeyChoices, keyChoiceStore } from './key-choices';

const unbind: (() => void)[] = [];

function bind(...keys: string[]): string[] {
  const ran: string[] = [];
  unbind.push(
    bindHotkeys(keys.map((one) => ({ current: { keys: one, label: one, run: () => ran.push(one) } }))),
  );
  return ran;
}

function press(...keys: string[]) {
  for (const key of keys) document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
}

afterEach(() => {
  press('F24');
  for (const undo of unbind.splice(0)) undo();
  forgetKeyChoices();
});

it('gives a binding other keys, and its own again', () => {
  const ran = bind('j', 'g t');
  chooseKeys('j', 'n');
  chooseKeys('g t', 'h t');
  press('j', 'n', 'g', 't', 'h', 't');
  expect(ran).toEqual(['j', 'g t']);
  chooseKeys('j', null);
  press('n', 'j');
  expect(ran).toEqual(['j', 'g t', 'j']);
});

it('keeps them, and hears of another tab', () => {
  const heard = vi.fn();
  const stop = keyChoiceStore.subscribe(heard);
  chooseKeys('j', 'ö');
  expect(JSON.parse(localStorage.getItem('flowbit-keys') ?? '')).toEqual({ j: 'ö' });
  localStorage.setItem('flowbit-keys', '{"k":"ä","x":7,"c":"Escape"}');
  globalThis.dispatchEvent(new StorageEvent('storage', { key: 'flowbit-keys' }));
  expect([...keyChoiceStore.getSnapshot()]).toEqual([['k', 'ä']]);
  localStorage.setItem('flowbit-keys', 'nonsense');
  globalThis.dispatchEvent(new StorageEvent('storage', { key: 'flowbit-keys' }));
  expect(keyChoiceStore.getSnapshot().size).toBe(0);
  forgetKeyChoices();
  expect(localStorage.getItem('flowbit-keys')).toBeNull();
  expect(heard).toHaveBeenCalledTimes(4);
  stop();
});

it('refuses what is taken, begins another, or is needed', () => {
  const bound: Hotkey[] = [
    { keys: 'j', label: 'Next', run: () => undefined },
    { keys: 'g t', label: 'Tickets', run: () => undefined },
    { keys: 'k', label: 'Previous', run: () => undefined },
  ];
  expect(findKeyProblem('j', 'k', bound)).toEqual({ kind: 'taken', by: 'Previous' });
  expect(findKeyProblem('j', 'g', bound)).toEqual({ kind: 'taken', by: 'Tickets' });
  expect(findKeyProblem('j', 'k x', bound)).toEqual({ kind: 'taken', by: 'Previous' });
  for (const keys of ['Escape', 'Tab', 'Enter', 'mod+w', 'g Escape', 'F5']) {
    expect(findKeyProblem('j', keys, bound), keys).toEqual({ kind: 'reserved' });
  }
  for (const keys of ['j', 'ö', '#', 'mod+j', 'g x', 'alt+n']) {
    expect(findKeyProblem('j', keys, bound), keys).toBeNull();
  }
  // The keys of one that has others now are free.
  chooseKeys('k', 'p');
  expect(findKeyProblem('j', 'k', bound)).toBeNull();
  expect(findKeyProblem('j', 'p', bound)).toEqual({ kind: 'taken', by: 'Previous' });
});

it('lets nobody change the way back, nor what an element does by itself', () => {
  expect(canChooseKeys({ keys: 'Escape', label: 'Back', run: () => undefined })).toBe(false);
  expect(canChooseKeys({ keys: 'x', label: 'Open' })).toBe(false);
  expect(canChooseKeys({ keys: 'x', label: 'Select', run: () => undefined })).toBe(true);
});
