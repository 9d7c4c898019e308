/** A search field whose text stands in the address, a moment after the last letter. */
import { useScreen } from '@flowbit/contract';
import { useDebouncedCallback } from '@flowbit/ui';
import { useEffect, useRef, useState } from 'react';

const PAUSE_MS = 250;

/** The query of an address with one parameter set or, when empty, left out; begins with `?`. */
export function withParam(search: URLSearchParams, name: string, value: string | null): string {
  const next = new URLSearchParams(search);
  if (value === null || value === '') next.delete(name);
  else next.set(name, value);
  return `?${next}`;
}

export function useSearchField(name: string) {
  const { search, navigate } = useScreen();
  const inAddress = search.get(name) ?? '';
  const [value, setValue] = useState(inAddress);
  const written = useRef(inAddress);
  // The way back and links change the address from elsewhere: the field follows.
  useEffect(() => {
    if (inAddress === written.current) return;
    written.current = inAddress;
    setValue(inAddress);
  }, [inAddress]);
  const write = useDebouncedCallback((text: string) => {
    written.current = text.trim();
    navigate(withParam(search, name, text.trim()), { replace: true, keepScroll: true });
  }, PAUSE_MS);
  return {
    value,
    query: inAddress,
    onChange(text: string) {
      setValue(text);
      write(text);
    },
  };
}
