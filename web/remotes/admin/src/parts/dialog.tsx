/** A dialog whose way out has a name. */
import { defineMessages, Modal, useMessages } from '@flowbit/ui';
import type { ComponentProps } from 'react';

const words = defineMessages({ en: { close: 'Close' }, de: { close: 'Schließen' } });

export function Dialog(props: ComponentProps<typeof Modal>) {
  const text = useMessages(words);
  return <Modal closeButtonProps={{ 'aria-label': text.close }} {...props} />;
}
