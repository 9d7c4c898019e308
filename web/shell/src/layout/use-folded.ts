/** Whether the navigation is folded: as the person chose, else by the room there is. */
import { useLocalStorage, useMediaQuery } from '@flowbit/ui';

/** Below this a list and a ticket only fit beside each other when the navigation is narrow. */
const FOLD_BELOW = '(max-width: 1099px)';

export function useFolded(): [isFolded: boolean, fold: (isFolded: boolean) => void] {
  const hasLittleRoom = useMediaQuery(FOLD_BELOW, false, { getInitialValueInEffect: false });
  // Chosen for narrow and for wide windows apart: a laptop's choice is none for the big screen.
  const [narrow, setNarrow] = useLocalStorage({ key: 'flowbit-nav-folded-narrow', defaultValue: true });
  const [wide, setWide] = useLocalStorage({ key: 'flowbit-nav-folded', defaultValue: false });
  return hasLittleRoom ? [narrow, setNarrow] : [wide, setWide];
}
