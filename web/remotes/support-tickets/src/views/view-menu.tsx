/** The views as a menu, where there is no room for a column of their own. */
import type { TicketCounts } from '@flowbit/api';
import { useScreen } from '@flowbit/contract';
import { AppIcon, defineMessages, Menu, UnstyledButton, useFormats, useMessages } from '@flowbit/ui';
import { useViewName } from '../fields/view-name';
import { defaultView, type ViewId, viewsFor } from '../model/views';
import classes from './view-menu.module.css';

const words = defineMessages({
  en: { change: (name: string) => `View: ${name}. Change view` },
  de: { change: (name: string) => `Ansicht: ${name}. Ansicht wechseln` },
});

export interface ViewMenuProps {
  current: ViewId;
  counts: TicketCounts | undefined;
}

export function ViewMenu({ current, counts }: ViewMenuProps) {
  const text = useMessages(words);
  const formats = useFormats();
  const nameOf = useViewName();
  const { user, navigate } = useScreen();
  return (
    <Menu position="bottom-start" width={240}>
      <Menu.Target>
        <UnstyledButton className={classes.target} aria-label={text.change(nameOf(current))}>
          <span className={classes.name}>{nameOf(current)}</span>
          <AppIcon name="chevron-down" />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        {viewsFor(user.role).map((view) => (
          <Menu.Item
            key={view.id}
            className={classes.item}
            leftSection={<AppIcon name={view.icon} />}
            rightSection={
              counts && <span className={classes.count}>{formats.number(view.count(counts))}</span>
            }
            aria-current={view.id === current ? 'page' : undefined}
            onClick={() => navigate(view.id === defaultView(user.role) ? '/' : `/?view=${view.id}`)}
          >
            {nameOf(view.id)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
