import { ApiError } from '@flowbit/api';
import { FlowbitProvider, type Locale } from '@flowbit/ui';
import { act } from 'react';
import { createRoot } from 'react-dom/client';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { UploadList, type UploadListProps } from './upload-list';
import type { Upload } from './upload-queue';

let cleanUp = () => {};

beforeEach(() => vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true));
afterEach(() => {
  cleanUp();
  vi.unstubAllGlobals();
});

function uploadOf(change: Partial<Upload>): Upload {
  return {
    key: 'k1',
    name: 'plan.pdf',
    size: 2_000_000,
    mediaType: 'application/pdf',
    state: 'waiting',
    sent: 0,
    attachment: null,
    error: null,
    ...change,
  };
}

/** The list in the page; `show` gives it other uploads. */
function mount(locale: Locale = 'en') {
  const container = document.body.appendChild(document.createElement('div'));
  const root = createRoot(container);
  const retry = vi.fn();
  const remove = vi.fn();
  const onRemoved = vi.fn();
  cleanUp = () => {
    act(() => root.unmount());
    container.remove();
  };
  const show = (...items: Upload[]) => {
    const uploads: UploadListProps['uploads'] = { items, retry, remove };
    act(() =>
      root.render(
        <FlowbitProvider locale={locale}>
          <UploadList uploads={uploads} onRemoved={onRemoved} />
        </FlowbitProvider>,
      ),
    );
  };
  const button = (label: string) => container.querySelector<HTMLElement>(`button[aria-label="${label}"]`);
  return { container, show, button, retry, remove, onRemoved };
}

it('says how far each one is', () => {
  const { container, show } = mount();
  show(uploadOf({}));
  expect(container.textContent).toContain('Waiting');
  show(uploadOf({ state: 'uploading', sent: 840_000 }));
  const progress = container.querySelector('progress');
  expect(progress?.getAttribute('aria-label')).toBe('Uploading plan.pdf');
  expect(progress?.value).toBe(42);
  expect(container.textContent).toContain('Uploading 42%');
  // All is on its way, and nothing is there yet.
  show(uploadOf({ state: 'uploading', sent: 2_000_000 }));
  expect(container.querySelector('progress')?.value).toBe(99);
  show(uploadOf({ state: 'done' }));
  expect(container.querySelector('progress')).toBeNull();
  expect(container.textContent).toContain('2 MB');
});

it('says why one was not taken, and offers to try again what may succeed', () => {
  const { container, show, button, retry } = mount();
  const broken = new ApiError({ status: 0, code: 'offline', message: 'no' });
  show(uploadOf({ state: 'failed', error: broken }));
  expect(container.textContent).toContain('The server can’t be reached.');
  act(() => button('Upload plan.pdf again')?.click());
  expect(retry).toHaveBeenCalledExactlyOnceWith('k1');

  show(uploadOf({ state: 'failed', error: { code: 'payload_too_large', largest: 26_214_400 } }));
  expect(container.textContent).toContain('Too large: at most 26.2 MB.');
  expect(button('Upload plan.pdf again')).toBeNull();
});

it('shows what the server says of a name', () => {
  const { container, show } = mount();
  const errors = [{ path: 'name', message: 'must have 1 to 255 characters' }];
  const problem = { type: 'x', title: 'x', status: 422, code: 'validation_failed', requestId: 'r', errors };
  const refused = new ApiError({ status: 422, code: 'validation_failed', message: 'x', problem });
  show(uploadOf({ state: 'failed', error: refused }));
  expect(container.textContent).toContain('must have 1 to 255 characters');
});

it('says once, for those who hear it, what has arrived and what has not', () => {
  const { container, show } = mount();
  const said = () => container.querySelector('[role="status"]')?.textContent;
  show(uploadOf({ state: 'uploading' }), uploadOf({ key: 'k2', name: 'b.txt', state: 'uploading' }));
  expect(said()).toBe('');
  show(uploadOf({ state: 'done' }), uploadOf({ key: 'k2', name: 'b.txt', state: 'uploading', sent: 5 }));
  expect(said()).toBe('plan.pdf is uploaded.');
  const error = { code: 'folder' };
  show(uploadOf({ state: 'done' }), uploadOf({ key: 'k2', name: 'b.txt', state: 'failed', error }));
  expect(said()).toBe('b.txt was not uploaded. A folder can’t be attached; pack it first.');
});

it('says nothing of what was there before', () => {
  const { container, show } = mount();
  show();
  show(uploadOf({ state: 'done' }));
  expect(container.querySelector('[role="status"]')?.textContent).toBe('');
});

it('removes one, and says so to whoever has the focus then', () => {
  const { show, button, remove, onRemoved } = mount('de');
  show(uploadOf({ state: 'done' }));
  act(() => button('plan.pdf entfernen')?.click());
  expect(remove).toHaveBeenCalledExactlyOnceWith('k1');
  expect(onRemoved).toHaveBeenCalledOnce();
});
