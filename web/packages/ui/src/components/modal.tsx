/** Mantine's dialogs with the focus of `use-floating-focus.ts`. */
import {
  type DrawerProps,
  Drawer as MantineDrawer,
  Modal as MantineModal,
  type ModalProps,
  type ModalRootProps,
} from '@mantine/core';
import { useFloatingFocus } from '../hooks/use-floating-focus';

function PlainModal(props: ModalProps) {
  return <MantineModal {...props} ref={useFloatingFocus(props.opened)} returnFocus={false} />;
}

function ModalRoot(props: ModalRootProps) {
  return <MantineModal.Root {...props} ref={useFloatingFocus(props.opened)} returnFocus={false} />;
}

/** In parts, `Modal.Root` and within it the others, where the head differs. */
export const Modal = Object.assign(PlainModal, {
  Root: ModalRoot,
  Overlay: MantineModal.Overlay,
  Content: MantineModal.Content,
  Body: MantineModal.Body,
});

export function Drawer(props: DrawerProps) {
  return <MantineDrawer {...props} ref={useFloatingFocus(props.opened)} returnFocus={false} />;
}
