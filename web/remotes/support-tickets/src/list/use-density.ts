/** How high rows are: a habit of the person at this browser, and no part of what a link shows. */
import { useLocalStorage } from '@flowbit/ui';

export function useDensity(): [isDense: boolean, setDense: (isDense: boolean) => void] {
  const [isDense, setDense] = useLocalStorage({
    key: 'flowbit-dense-rows',
    defaultValue: false,
    getInitialValueInEffect: false,
  });
  return [isDense, setDense];
}
