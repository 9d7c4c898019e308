/**
 * A list with one of its things opened beside it; below 1100 px the opened thing takes the place of
 * the list. Not a dialog: the list stays usable, by mouse and by keys.
 */
import { useScreen } from '@flowbit/contract';
import {
  ActionIcon,
  AppIcon,
  defineMessages,
  Tooltip,
  useMediaQuery,
  useMessages,
  VisuallyHidden,
} from '@flowbit/ui';
import { type CSSProperties, type ReactNode, useEffect, useId, useRef } from 'react';
import classes from './split-view.module.css';

const words = defineMessages({
  en: { back: 'Back to the list', close: 'Close (Esc)' },
  de: { back: 'Zurück zur Liste', close: 'Schließen (Esc)' },
});

/** As in the style sheet. */
const ALONE = '(max-width: 1099px)';

export interface SplitViewProps {
  /** The head of the screen, above both. */
  head: ReactNode;
  children: ReactNode;
  /** The opened thing, usually a {@link SplitPanel}; null when nothing is open. */
  panel: ReactNode | null;
  panelWidth?: number;
}

export function SplitView({ head, children, panel, panelWidth = 480 }: SplitViewProps) {
  return (
    <div
      className={classes.root}
      data-open={panel !== null || undefined}
      style={{ '--panel-width': `${panelWidth}px` } as CSSProperties}
    >
      <div className={classes.head}>{head}</div>
      <div className={classes.panes}>
        <div className={classes.list}>{children}</div>
        {panel}
      </div>
    </div>
  );
}

export interface SplitPanelProps {
  title: ReactNode;
  onClose(): void;
  /** Beside the title: buttons, a menu. */
  actions?: ReactNode;
  children: ReactNode;
}

export function SplitPanel({ title, onClose, actions, children }: SplitPanelProps) {
  const text = useMessages(words);
  const { screen } = useScreen();
  const id = useId();
  const heading = useRef<HTMLHeadingElement>(null);
  // Whoever opened it hears what it is, and the next Tab leads into it.
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  const isAlone = useMediaQuery(ALONE, false, { getInitialValueInEffect: false });
  return (
    <aside className={classes.panel} aria-labelledby={id}>
      {/* The screen's own head is away then, and a page keeps its first heading. */}
      {isAlone && <VisuallyHidden component="h1">{screen.title}</VisuallyHidden>}
      <div className={classes.panelHead}>
        <ActionIcon className={classes.back} onClick={onClose} aria-label={text.back}>
          <AppIcon name="arrow-left" />
        </ActionIcon>
        <h2 ref={heading} id={id} tabIndex={-1} className={classes.panelTitle}>
          {title}
        </h2>
        {actions}
        <Tooltip label={text.close}>
          <ActionIcon className={classes.close} onClick={onClose} aria-label={text.close}>
            <AppIcon name="x" />
          </ActionIcon>
        </Tooltip>
      </div>
      {children}
    </aside>
  );
}
