/** The company's own fields, in their order. */
import type { Field } from '@flowbit/api';
import { useScreen } from '@flowbit/contract';
import {
  ActionIcon,
  AppIcon,
  Button,
  type Column,
  defineMessages,
  describeError,
  EmptyState,
  PageHeader,
  useHotkeys,
  useMessages,
  VisuallyHidden,
} from '@flowbit/ui';
import { LoadError } from '../parts/load-error';
import { RecordList } from '../parts/record-list';
import classes from './desk.module.css';
import { FieldForm } from './field-form';
import { fieldWords } from './field-words';
import { useDeskChanges, useFields } from './queries';
import { Tabs } from './tabs';

const words = defineMessages({
  en: {
    description: 'What your company wants to know of a ticket beyond title, status and priority.',
    add: 'Define a field',
    caption: 'Fields',
    name: 'Field',
    kind: 'Kind',
    required: 'Needed',
    shown: 'Requesters',
    yes: 'See it',
    no: 'Don’t see it',
    off: 'switched off',
    order: 'Order',
    up: (name: string) => `Move ${name} up`,
    none: 'No field yet',
    noneMeaning:
      'Define a field, and every ticket can hold its value: an order number, a product, a due day.',
    group: 'Fields',
    notMoved: 'The order was not changed',
  },
  de: {
    description: 'Was Ihr Unternehmen von einem Ticket wissen will, über Titel, Status und Priorität hinaus.',
    add: 'Feld anlegen',
    caption: 'Felder',
    name: 'Feld',
    kind: 'Art',
    required: 'Nötig',
    shown: 'Anfragende',
    yes: 'Sehen es',
    no: 'Sehen es nicht',
    off: 'ausgeschaltet',
    order: 'Reihenfolge',
    up: (name: string) => `${name} nach oben`,
    none: 'Noch kein Feld',
    noneMeaning:
      'Legen Sie ein Feld an, und jedes Ticket kann seinen Wert tragen: eine Bestellnummer, ein Produkt, einen Tag.',
    group: 'Felder',
    notMoved: 'Die Reihenfolge wurde nicht geändert',
  },
});

export function FieldsView({ openId, isAdding }: { openId: string | null; isAdding: boolean }) {
  const text = useMessages(words);
  const kinds = useMessages(fieldWords);
  const describe = useMessages(describeError);
  const { screen, navigate, toast } = useScreen();
  const { data: fields, error, refetch } = useFields();
  const changes = useDeskChanges();
  const add = () => navigate('/fields/new', { keepScroll: true });
  const close = () => navigate('/fields', { keepScroll: true });
  useHotkeys([{ keys: 'c', label: text.add, group: text.group, run: add }]);
  const opened = fields?.find(({ id }) => id === openId) ?? null;

  async function moveUp(field: Field) {
    const at = fields?.indexOf(field) ?? 0;
    const above = fields?.[at - 1];
    if (!above) return;
    try {
      // Fields of one position stand by their keys: these two get positions of their own.
      await changes.updateField(field.id, { position: above.position });
      await changes.updateField(above.id, { position: Math.max(field.position, above.position + 1) });
    } catch (caught) {
      toast({ kind: 'error', title: text.notMoved, detail: describe(caught).meaning, key: 'field-order' });
    }
  }

  const name = (field: Field) => (
    <span className={classes.name}>
      <span className={classes.title} data-off={!field.active || undefined}>
        {field.label}
      </span>
      <span className={classes.detail}>{field.active ? field.key : `${field.key}, ${text.off}`}</span>
    </span>
  );
  const columns: Column<Field>[] = [
    { id: 'name', header: text.name, cell: name },
    { id: 'kind', header: text.kind, width: 150, cell: ({ kind }) => kinds[kind] },
    { id: 'required', header: text.required, width: 150, cell: ({ required }) => kinds[required] },
    {
      id: 'shown',
      header: text.shown,
      width: 130,
      isMinor: true,
      cell: ({ shownToRequesters }) => (shownToRequesters ? text.yes : text.no),
    },
    {
      id: 'order',
      header: <VisuallyHidden>{text.order}</VisuallyHidden>,
      width: 60,
      align: 'end',
      cell: (field) =>
        field.id !== fields?.[0]?.id && (
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={text.up(field.label)}
            onClick={() => void moveUp(field)}
          >
            <AppIcon name="arrow-up" />
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
        <Tabs current="fields" />
      </PageHeader>
      {error && fields === undefined ? (
        <LoadError error={error} onRetry={() => void refetch()} />
      ) : (
        <RecordList
          caption={text.caption}
          rowHeight={48}
          columns={columns}
          rows={fields}
          rowKey={({ id }) => id}
          openLabel={(field) => field.label}
          onOpen={(field) => navigate(`/fields/${field.id}`, { keepScroll: true })}
          skeletonRows={4}
          item={name}
          empty={
            <EmptyState icon="list" title={text.none} action={addButton}>
              {text.noneMeaning}
            </EmptyState>
          }
        />
      )}
      {(isAdding || opened) && (
        <FieldForm
          key={opened?.id ?? 'new'}
          field={opened}
          onClose={close}
          onSubmit={async (values, version) => {
            if (opened) {
              const { key: _key, kind: _kind, ...patch } = values;
              await changes.updateField(opened.id, version === undefined ? patch : { ...patch, version });
            } else {
              const { active: _, ...input } = values;
              await changes.createField(input);
            }
            close();
          }}
        />
      )}
    </>
  );
}
