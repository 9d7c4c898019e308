/** What can be done with what the list shows: save it as a view, change the one that is shown, remove it. */
import type { SavedView } from '@flowbit/api';
import { useScreen } from '@flowbit/contract';
import {
  ActionIcon,
  AppIcon,
  Button,
  Checkbox,
  ConfirmDialog,
  defineMessages,
  Menu,
  Modal,
  Stack,
  TextInput,
  useMessages,
} from '@flowbit/ui';
import { type FormEvent, useState } from 'react';
import { conditionsOf, isNarrowed, type TicketFilter } from '../model/ticket-filter';
import { pathOfView, type View } from '../model/views';
import classes from './save-view.module.css';
import { useChangeViews } from './use-change-views';

const words = defineMessages({
  en: {
    save: 'Save view',
    saveAs: 'Save as new view',
    update: 'Save changes',
    options: 'View options',
    rename: 'Rename or share',
    remove: 'Remove view',
    name: 'Name',
    namePlaceholder: 'Customs, urgent…',
    shared: 'Share with everyone who works on tickets',
    cancel: 'Cancel',
    removeTitle: (name: string) => `Remove “${name}”?`,
    removeShared: 'It goes for everyone who works on tickets. The tickets stay as they are.',
    removeOwn: 'The tickets stay as they are.',
  },
  de: {
    save: 'Ansicht speichern',
    saveAs: 'Als neue Ansicht speichern',
    update: 'Änderungen speichern',
    options: 'Optionen der Ansicht',
    rename: 'Umbenennen oder teilen',
    remove: 'Ansicht entfernen',
    name: 'Name',
    namePlaceholder: 'Zoll, dringend …',
    shared: 'Mit allen teilen, die Tickets bearbeiten',
    cancel: 'Abbrechen',
    removeTitle: (name: string) => `„${name}“ entfernen?`,
    removeShared: 'Sie verschwindet für alle, die Tickets bearbeiten. Die Tickets bleiben, wie sie sind.',
    removeOwn: 'Die Tickets bleiben, wie sie sind.',
  },
});

export interface SaveViewProps {
  filter: TicketFilter;
  view: View;
}

export function SaveView({ filter, view }: SaveViewProps) {
  const text = useMessages(words);
  const { user, navigate } = useScreen();
  const change = useChangeViews();
  const [editing, setEditing] = useState<'new' | SavedView | null>(null);
  const [isRemoving, setRemoving] = useState(false);
  const { saved } = view;
  const isChanged = isNarrowed(filter) || filter.sort !== null || filter.columns !== null;

  const shown = () => ({
    filter: conditionsOf(filter, view),
    sort: filter.sort ?? view.sort,
    columns: (filter.columns ?? view.columns)?.slice() ?? null,
  });

  async function save(name: string, shared: boolean) {
    const done =
      editing === 'new' || editing === null
        ? await change.create({ name, shared, ...shown() })
        : await change.update(editing.id, { name, shared });
    if (!done) return;
    setEditing(null);
    if (editing === 'new') navigate(pathOfView(user.role, done.id));
  }

  async function update() {
    if (!saved) return;
    const done = await change.update(saved.id, shown());
    if (done) navigate(pathOfView(user.role, saved.id), { replace: true, keepScroll: true });
  }

  return (
    <>
      {isChanged && saved && (
        <Button size="compact-sm" variant="default" onClick={() => void update()}>
          {text.update}
        </Button>
      )}
      {isChanged && (
        <Button size="compact-sm" variant={saved ? 'subtle' : 'default'} onClick={() => setEditing('new')}>
          {saved ? text.saveAs : text.save}
        </Button>
      )}
      {saved && (
        <Menu position="bottom-start" width={220}>
          <Menu.Target>
            <ActionIcon size={24} aria-label={text.options} title={text.options} className={classes.options}>
              <AppIcon name="dots" />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item leftSection={<AppIcon name="edit" />} onClick={() => setEditing(saved)}>
              {text.rename}
            </Menu.Item>
            <Menu.Item leftSection={<AppIcon name="trash" />} onClick={() => setRemoving(true)}>
              {text.remove}
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      )}
      <Modal
        opened={editing !== null}
        onClose={() => setEditing(null)}
        title={editing === 'new' ? text.save : text.rename}
        size="sm"
      >
        {editing !== null && (
          <NameForm
            view={editing === 'new' ? null : editing}
            onCancel={() => setEditing(null)}
            onSave={save}
          />
        )}
      </Modal>
      {saved && (
        <ConfirmDialog
          opened={isRemoving}
          onClose={() => setRemoving(false)}
          title={text.removeTitle(saved.name)}
          confirmLabel={text.remove}
          isDangerous
          onConfirm={async () => {
            if (await change.remove(saved.id)) navigate('/', { replace: true });
          }}
        >
          {saved.shared ? text.removeShared : text.removeOwn}
        </ConfirmDialog>
      )}
    </>
  );
}

interface NameFormProps {
  view: SavedView | null;
  onCancel(): void;
  onSave(name: string, shared: boolean): Promise<void>;
}

function NameForm({ view, onCancel, onSave }: NameFormProps) {
  const text = useMessages(words);
  const [name, setName] = useState(view?.name ?? '');
  const [shared, setShared] = useState(view?.shared ?? false);
  const [isSaving, setSaving] = useState(false);

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (name.trim() === '') return;
    setSaving(true);
    await onSave(name.trim(), shared);
    setSaving(false);
  }

  return (
    <form onSubmit={(event) => void submit(event)}>
      <Stack gap={16}>
        <TextInput
          label={text.name}
          placeholder={text.namePlaceholder}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          maxLength={80}
          required
          data-autofocus
        />
        <Checkbox
          label={text.shared}
          checked={shared}
          onChange={(event) => setShared(event.currentTarget.checked)}
        />
        <div className={classes.buttons}>
          <Button variant="default" onClick={onCancel}>
            {text.cancel}
          </Button>
          <Button type="submit" loading={isSaving} disabled={name.trim() === ''}>
            {view ? text.update : text.save}
          </Button>
        </div>
      </Stack>
    </form>
  );
}
