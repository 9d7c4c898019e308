/** What will be here, and the first action. */
import { Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { AppIcon, type AppIconProps } from './app-icon';
import classes from './states.module.css';

export interface EmptyStateProps {
  icon?: AppIconProps['name'];
  title: string;
  children?: ReactNode;
  /** A button or link. */
  action?: ReactNode;
}

export function EmptyState({ icon = 'inbox', title, children, action }: EmptyStateProps) {
  return (
    <Stack className={classes.root} gap={8} align="center">
      <span className={classes.icon}>
        <AppIcon name={icon} size={20} />
      </span>
      <Title order={2} size="h3">
        {title}
      </Title>
      {children && (
        <Text size="sm" c="dimmed" ta="center" maw={420} component="div">
          {children}
        </Text>
      )}
      {action && <div className={classes.action}>{action}</div>}
    </Stack>
  );
}
