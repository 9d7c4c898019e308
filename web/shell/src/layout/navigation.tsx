/** The navigation: what the server says this person has, in its order. */
import type { Screen } from '@flowbit/api';
import { ActionIcon, AppIcon, defineMessages, Skeleton, Tooltip, useMessages } from '@flowbit/ui';
import { basePathOf } from '../routing/resolve';
import { Logo } from './logo';
import classes from './navigation.module.css';

const words = defineMessages({
  en: { screens: 'Screens', fold: 'Fold navigation', unfold: 'Unfold navigation' },
  de: { screens: 'Bereiche', fold: 'Navigation einklappen', unfold: 'Navigation ausklappen' },
});

interface NavigationProps {
  screens: readonly Screen[] | undefined;
  currentId: string | null;
  customerName: string;
  isFolded: boolean;
  onFold(folded: boolean): void;
}

export function Navigation({ screens, currentId, customerName, isFolded, onFold }: NavigationProps) {
  const text = useMessages(words);
  const foldLabel = isFolded ? text.unfold : text.fold;
  return (
    <nav aria-label={text.screens} className={classes.root} data-folded={isFolded || undefined}>
      <div className={classes.head}>
        <Logo isFolded={isFolded} />
      </div>
      {!isFolded && <div className={classes.customer}>{customerName}</div>}
      <div className={classes.nav}>
        {screens === undefined
          ? [64, 48, 56].map((width) => (
              <div key={width} className={classes.placeholder}>
                <Skeleton height={10} width={isFolded ? 16 : `${width}%`} radius={3} />
              </div>
            ))
          : screens.map((screen) => (
              <Tooltip key={screen.id} label={screen.title} position="right" disabled={!isFolded}>
                <a
                  href={basePathOf(screen)}
                  className={classes.link}
                  aria-current={screen.id === currentId ? 'page' : undefined}
                >
                  <AppIcon name={screen.icon} />
                  <span className={classes.label}>{screen.title}</span>
                </a>
              </Tooltip>
            ))}
      </div>
      <div className={classes.foot}>
        <Tooltip label={foldLabel} position="right">
          <ActionIcon aria-label={foldLabel} onClick={() => onFold(!isFolded)}>
            <AppIcon name={isFolded ? 'sidebar-expand' : 'sidebar-collapse'} />
          </ActionIcon>
        </Tooltip>
      </div>
    </nav>
  );
}
