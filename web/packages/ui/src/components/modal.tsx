/** Mantine's dialogs with the focus of `use-floating-focus.ts` and the Escape of `use-own-escape.ts`. */
import {
  type DrawerProps,
  Drawer as MantineDrawer,
  Modal as MantineModal,
  type ModalProps,
  type ModalRootProps,
} from '@mantine/core';
import { useMergedRef } from '@mantine/hooks';
import { useFloatingFocus } from '../hooks/use-floating-focus';
import { useOwnEscape } from '../hooks/use-own-escape';

type Opened = Pick<ModalRootProps, 'opened' | 'closeOnEscape' | 'onClose'>;

/** What all of them do alike. */
function useDialog({ opened, closeOnEscape = true, onClose }: Opened) {
  const focused = useFloatingFocus(opened);
  const escaped = useOwnEscape(opened && closeOnEscape, onClose);
  return { ref: useMergedRef(focused, escaped), returnFocus: false, closeOnEscape: false };
}

function PlainModal(props: ModalProps) {
  return <MantineModal {...props} {...useDialog(props)} />;
}

function ModalRoot(props: ModalRootProps) {
  return <MantineModal.Root {...props} {...useDialog(props)} />;
}

/** In parts, `Modal.Root` and within it the others, where the head differs. */
export const Modal = Object.assign(PlainModal, {
  Root: ModalRoot,
  Overlay: MantineModal.Overlay,
  Content: MantineModal.Content,
  Body: MantineModal.Body,
});

export function Drawer(props: DrawerProps) {
  return <MantineDrawer {...props} {...useDialog(props)} />;
}
