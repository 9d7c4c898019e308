/** The views as a menu, where there is no room for a column of their own. */
import { useScreen } from '@flowbit/contract';
import { AppIcon, defineMessages, Menu, UnstyledButton, useFormats, useMessages } from '@flowbit/ui';
import { useViewName } from '../fields/view-name';
import type { ViewNumber } from '../model/queries';
import { pathOfView, type View } from '../model/views';
import classes from './view-menu.module.css';
import { formatNumber } from './view-number';

const words = defineMessages({
  en: { change: (name: string) => `View: ${name}. Change view` },
  de: { change: (name: string) => `Ansicht: ${name}. Ansicht wechseln` },
});

export interface ViewMenuProps {
  views: readonly View[];
  current: View;
  numbers: ReadonlyMap<string, ViewNumber>;
}

export function ViewMenu({ views, current, numbers }: ViewMenuProps) {
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
        {views.map((view) => (
          <Menu.Item
            key={view.id}
            className={classes.item}
            leftSection={<AppIcon name={view.icon} />}
            rightSection={
              numbers.has(view.id) && (
                <span className={classes.count}>{formatNumber(numbers.get(view.id), formats.number)}</span>
              )
            }
            aria-current={view.id === current.id ? 'page' : undefined}
            onClick={() => navigate(pathOfView(user.role, view.id))}
          >
            {nameOf(view)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
