/** An icon of the set. Decoration unless it is given a label. */
import { FALLBACK_ICON, type IconName, icons, isIconName } from '../icons';

export interface AppIconProps {
  /** A name of the set; names from the registry that it doesn't hold show a neutral one. */
  name: IconName | (string & {});
  size?: number;
  /** Says what the icon means; without it the icon is hidden from assistive technology. */
  label?: string;
  className?: string | undefined;
  color?: string;
}

export function AppIcon({ name, size = 16, label, className, color }: AppIconProps) {
  const Icon = icons[isIconName(name) ? name : FALLBACK_ICON];
  return (
    <Icon
      size={size}
      stroke={1.75}
      className={className}
      {...(color === undefined ? {} : { color })}
      {...(label === undefined ? { 'aria-hidden': true } : { role: 'img', 'aria-label': label })}
      style={{ flexShrink: 0 }}
    />
  );
}
