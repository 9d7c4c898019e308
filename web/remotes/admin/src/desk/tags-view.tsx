/** All tags: their colours, how many tickets have them, and what can become of one. */
import { isApiError, type Tag } from '@flowbit/api';
import { useScreen } from '@flowbit/contract';
import {
  Button,
  type Column,
  defineMessages,
  EmptyState,
  Group,
  Input,
  PageHeader,
  Radio,
  Stack,
  TextInput,
  useFormats,
  useMessages,
} from '@flowbit/ui';
import { type FormEvent, useState } from 'react';
import { ActDialog } from '../parts/act-dialog';
import { Dialog } from '../parts/dialog';
import { LoadError } from '../parts/load-error';
import { RecordList } from '../parts/record-list';
import classes from './desk.module.css';
import { errorAt, FormError, FormFoot } from './form-parts';
import { useDeskChanges, useTags } from './queries';
import { Tabs } from './tabs';

const COLORS = ['gray', 'blue', 'green', 'amber', 'red', 'violet'] as const;

const words = defineMessages({
  en: {
    description: 'The words that tickets are found by. A tag comes into being when a ticket gets it.',
    caption: 'Tags',
    name: 'Tag',
    tickets: 'Tickets',
    state: 'State',
    moving: 'Tickets are being changed …',
    none: 'No tag yet',
    noneMeaning: 'Give a ticket a tag, and it is here.',
    edit: (name: string) => `Tag “${name}”`,
    newName: 'Name',
    nameMeaning: 'All its tickets get the new name. If there is such a tag already, the two can become one.',
    color: 'Colour',
    noColor: 'None',
    gray: 'Grey',
    blue: 'Blue',
    green: 'Green',
    amber: 'Amber',
    red: 'Red',
    violet: 'Violet',
    save: 'Save',
    remove: 'Delete tag …',
    removeTitle: (name: string) => `Delete “${name}”?`,
    removeMeaning: (count: string, isOne: boolean) =>
      `${isOne ? '1 ticket loses it' : `${count} tickets lose it`}. The audit trail keeps who had it.`,
    confirm: 'Delete tag',
    mergeTitle: (from: string, to: string) => `Make “${from}” and “${to}” one?`,
    mergeMeaning: (count: string, isOne: boolean) =>
      `${isOne ? '1 ticket gets' : `${count} tickets get`} the other tag instead. This can’t be undone.`,
    merge: 'Merge tags',
  },
  de: {
    description:
      'Die Wörter, unter denen Tickets zu finden sind. Ein Schlagwort entsteht mit dem ersten Ticket.',
    caption: 'Schlagwörter',
    name: 'Schlagwort',
    tickets: 'Tickets',
    state: 'Zustand',
    moving: 'Tickets werden umgestellt …',
    none: 'Noch kein Schlagwort',
    noneMeaning: 'Geben Sie einem Ticket ein Schlagwort, und es steht hier.',
    edit: (name: string) => `Schlagwort „${name}“`,
    newName: 'Name',
    nameMeaning:
      'Alle seine Tickets bekommen den neuen Namen. Gibt es ihn schon, können die beiden eins werden.',
    color: 'Farbe',
    noColor: 'Keine',
    gray: 'Grau',
    blue: 'Blau',
    green: 'Grün',
    amber: 'Bernstein',
    red: 'Rot',
    violet: 'Violett',
    save: 'Speichern',
    remove: 'Schlagwort löschen …',
    removeTitle: (name: string) => `„${name}“ löschen?`,
    removeMeaning: (count: string, isOne: boolean) =>
      `${isOne ? '1 Ticket verliert' : `${count} Tickets verlieren`} es. Das Protokoll behält, welche es hatten.`,
    confirm: 'Schlagwort löschen',
    mergeTitle: (from: string, to: string) => `„${from}“ und „${to}“ vereinen?`,
    mergeMeaning: (count: string, isOne: boolean) =>
      `${isOne ? '1 Ticket bekommt' : `${count} Tickets bekommen`} stattdessen das andere Schlagwort. Das lässt sich nicht rückgängig machen.`,
    merge: 'Schlagwörter vereinen',
  },
});

function Pill({ tag }: { tag: Tag }) {
  return (
    <span className={classes.swatch} data-color={tag.color ?? undefined}>
      {tag.name}
    </span>
  );
}

function TagForm({ tag, onClose }: { tag: Tag; onClose(): void }) {
  const text = useMessages(words);
  const formats = useFormats();
  const changes = useDeskChanges();
  const [name, setName] = useState(tag.name);
  const [color, setColor] = useState(tag.color ?? '');
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [asks, setAsks] = useState<'merge' | 'remove' | null>(null);
  const wanted = name.trim().toLowerCase();
  const count = formats.number(tag.tickets);
  const isOne = tag.tickets === 1;

  async function submit(event: FormEvent) {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      if (color !== (tag.color ?? '')) await changes.colorTag(tag.name, color === '' ? null : color);
      if (wanted !== tag.name) await changes.moveTag(tag.name, wanted, false);
      onClose();
    } catch (caught) {
      if (isApiError(caught, 'tag_exists')) setAsks('merge');
      else setError(caught);
      setBusy(false);
    }
  }

  if (asks !== null) {
    return (
      <ActDialog
        opened
        onClose={(how) => (how === 'done' ? onClose() : setAsks(null))}
        title={asks === 'merge' ? text.mergeTitle(tag.name, wanted) : text.removeTitle(tag.name)}
        confirmLabel={asks === 'merge' ? text.merge : text.confirm}
        isDangerous
        onConfirm={() => changes.moveTag(tag.name, asks === 'merge' ? wanted : null, true)}
      >
        {asks === 'merge' ? text.mergeMeaning(count, isOne) : text.removeMeaning(count, isOne)}
      </ActDialog>
    );
  }
  return (
    <Dialog opened onClose={onClose} title={text.edit(tag.name)} size={440} closeOnClickOutside={false}>
      <form onSubmit={(event) => void submit(event)}>
        <Stack gap={16}>
          <TextInput
            label={text.newName}
            description={text.nameMeaning}
            required
            data-autofocus
            maxLength={40}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            error={errorAt(error, 'to')}
          />
          <Radio.Group label={text.color} value={color} onChange={setColor}>
            <Group gap={12} mt={6}>
              <Radio value="" label={text.noColor} />
              {COLORS.map((one) => (
                <Radio
                  key={one}
                  value={one}
                  label={
                    <span className={classes.swatch} data-color={one}>
                      {text[one]}
                    </span>
                  }
                />
              ))}
            </Group>
          </Radio.Group>
          <Input.Wrapper>
            <Button variant="subtle" color="red" size="compact-sm" onClick={() => setAsks('remove')}>
              {text.remove}
            </Button>
          </Input.Wrapper>
          <FormError error={error} shown={['to']} />
          <FormFoot save={text.save} isBusy={isBusy} onCancel={onClose} />
        </Stack>
      </form>
    </Dialog>
  );
}

export function TagsView({ openName }: { openName: string | null }) {
  const text = useMessages(words);
  const formats = useFormats();
  const { screen, navigate } = useScreen();
  const { data: tags, error, refetch } = useTags();
  const close = () => navigate('/tags', { keepScroll: true });
  const opened = tags?.find(({ name }) => name === openName) ?? null;
  const columns: Column<Tag>[] = [
    { id: 'name', header: text.name, cell: (tag) => <Pill tag={tag} /> },
    {
      id: 'state',
      header: text.state,
      width: 240,
      cell: ({ moving }) => moving && <span className={classes.muted}>{text.moving}</span>,
    },
    {
      id: 'tickets',
      header: text.tickets,
      width: 110,
      align: 'end',
      cell: ({ tickets }) => formats.number(tickets),
    },
  ];
  return (
    <>
      <PageHeader title={screen.title} description={text.description}>
        <Tabs current="tags" />
      </PageHeader>
      {error && tags === undefined ? (
        <LoadError error={error} onRetry={() => void refetch()} />
      ) : (
        <RecordList
          caption={text.caption}
          columns={columns}
          rows={tags}
          rowKey={({ name }) => name}
          openLabel={({ name }) => name}
          onOpen={({ name }) => navigate(`/tags?tag=${encodeURIComponent(name)}`, { keepScroll: true })}
          skeletonRows={6}
          item={(tag) => <Pill tag={tag} />}
          empty={
            <EmptyState icon="tags" title={text.none}>
              {text.noneMeaning}
            </EmptyState>
          }
        />
      )}
      {opened && <TagForm key={opened.name} tag={opened} onClose={close} />}
    </>
  );
}
