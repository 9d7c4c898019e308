/** All macros: those that everyone shares, and one's own. */
import type { Macro } from '@flowbit/api';
import { useScreen } from '@flowbit/contract';
import {
  ActionIcon,
  AppIcon,
  Button,
  type Column,
  defineMessages,
  EmptyState,
  PageHeader,
  RelativeTime,
  useHotkeys,
  useMessages,
  VisuallyHidden,
} from '@flowbit/ui';
import { useState } from 'react';
import { ActDialog } from '../parts/act-dialog';
import { LoadError } from '../parts/load-error';
import { RecordList } from '../parts/record-list';
import classes from './desk.module.css';
import { MacroForm } from './macro-form';
import { useDeskChanges, useMacros } from './queries';
import { Tabs } from './tabs';

const words = defineMessages({
  en: {
    description: 'Answers that are written once and used often, with what else happens to the ticket.',
    add: 'New macro',
    caption: 'Macros',
    name: 'Name',
    forWhom: 'For',
    everyone: 'Everyone',
    own: 'Me',
    uses: 'Used',
    last: 'Last used',
    never: 'Never',
    actions: 'Actions',
    remove: (name: string) => `Delete ${name}`,
    removeTitle: (name: string) => `Delete “${name}”?`,
    removeMeaning: 'What it has said and done stays.',
    confirm: 'Delete macro',
    onlyChanges: 'Changes the ticket without a word',
    none: 'No macro yet',
    noneMeaning: 'A macro answers with one stroke: type / in the composer of a ticket.',
    group: 'Macros',
  },
  de: {
    description: 'Antworten, einmal geschrieben und oft verwendet, mit dem, was dem Ticket sonst geschieht.',
    add: 'Neues Makro',
    caption: 'Makros',
    name: 'Name',
    forWhom: 'Für',
    everyone: 'Alle',
    own: 'Mich',
    uses: 'Verwendet',
    last: 'Zuletzt',
    never: 'Nie',
    actions: 'Aktionen',
    remove: (name: string) => `${name} löschen`,
    removeTitle: (name: string) => `„${name}“ löschen?`,
    removeMeaning: 'Was es gesagt und getan hat, bleibt.',
    confirm: 'Makro löschen',
    onlyChanges: 'Ändert das Ticket ohne ein Wort',
    none: 'Noch kein Makro',
    noneMeaning: 'Ein Makro antwortet mit einem Griff: Tippen Sie / im Antwortfeld eines Tickets.',
    group: 'Makros',
  },
});

export function MacrosView({ openId, isAdding }: { openId: string | null; isAdding: boolean }) {
  const text = useMessages(words);
  const { screen, navigate, can } = useScreen();
  const { data: macros, error, refetch } = useMacros();
  const changes = useDeskChanges();
  const [removing, setRemoving] = useState<Macro | null>(null);
  const add = () => navigate('/new', { keepScroll: true });
  const close = () => navigate('/', { keepScroll: true });
  useHotkeys([{ keys: 'c', label: text.add, group: text.group, run: add }]);
  const opened = macros?.find(({ id }) => id === openId) ?? null;
  const isKeeper = (macro: Macro) => !macro.shared || can('admin');

  const name = (macro: Macro) => (
    <span className={classes.name}>
      <span className={classes.title}>{macro.name}</span>
      <span className={classes.detail}>{macro.body === '' ? text.onlyChanges : macro.body}</span>
    </span>
  );
  const columns: Column<Macro>[] = [
    { id: 'name', header: text.name, cell: name },
    {
      id: 'for',
      header: text.forWhom,
      width: 100,
      cell: ({ shared }) => (shared ? text.everyone : text.own),
    },
    { id: 'uses', header: text.uses, width: 90, align: 'end', cell: ({ usageCount }) => usageCount },
    {
      id: 'last',
      header: text.last,
      width: 130,
      align: 'end',
      isMinor: true,
      cell: ({ lastUsedAt }) =>
        lastUsedAt ? <RelativeTime at={lastUsedAt} /> : <span className={classes.muted}>{text.never}</span>,
    },
    {
      id: 'actions',
      header: <VisuallyHidden>{text.actions}</VisuallyHidden>,
      width: 60,
      align: 'end',
      cell: (macro) =>
        isKeeper(macro) && (
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={text.remove(macro.name)}
            onClick={() => setRemoving(macro)}
          >
            <AppIcon name="trash" />
          </ActionIcon>
        ),
    },
  ];
  const addButton = (
    <Button leftSection={<AppIcon name="plus" />} onClick={add}>
      {text.add}
    </Button>
  );
  return (
    <>
      <PageHeader title={screen.title} description={text.description} actions={addButton}>
        <Tabs current="macros" />
      </PageHeader>
      {error && macros === undefined ? (
        <LoadError error={error} onRetry={() => void refetch()} />
      ) : (
        <RecordList
          caption={text.caption}
          rowHeight={48}
          columns={columns}
          rows={macros}
          rowKey={({ id }) => id}
          openLabel={(macro) => macro.name}
          onOpen={(macro) => {
            if (isKeeper(macro)) navigate(`/${macro.id}`, { keepScroll: true });
          }}
          skeletonRows={4}
          item={name}
          empty={
            <EmptyState icon="bolt" title={text.none} action={addButton}>
              {text.noneMeaning}
            </EmptyState>
          }
        />
      )}
      {(isAdding || (opened && isKeeper(opened))) && (
        <MacroForm
          key={opened?.id ?? 'new'}
          macro={opened}
          onClose={close}
          onSubmit={async (values, version) => {
            if (opened) await changes.updateMacro(opened.id, version ?? opened.version, values);
            else await changes.createMacro(values);
            close();
          }}
        />
      )}
      {removing && (
        <ActDialog
          opened
          onClose={() => setRemoving(null)}
          title={text.removeTitle(removing.name)}
          confirmLabel={text.confirm}
          isDangerous
          onConfirm={() => changes.deleteMacro(removing.id)}
        >
          {text.removeMeaning}
        </ActDialog>
      )}
    </>
  );
}
