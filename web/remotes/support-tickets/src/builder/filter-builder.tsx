/** Builds a filter of conditions in groups: rows of field, comparison and value, joined by all or any. */
import type { Expression } from '@flowbit/api';
import {
  ActionIcon,
  AppIcon,
  Button,
  defineMessages,
  Modal,
  SegmentedControl,
  Select,
  TagsInput,
  TextInput,
  useMessages,
} from '@flowbit/ui';
import { type FormEvent, useState } from 'react';
import classes from './filter-builder.module.css';
import {
  COMPARISONS,
  type Condition,
  conditionOf,
  draftOf,
  emptyCondition,
  expressionOfDraft,
  FIELDS,
  type Field,
  type Group,
  isChoiceField,
  isComplete,
} from './filter-draft';
import { useFieldChoices } from './use-field-choices';

const words = defineMessages({
  en: {
    title: 'Filter by conditions',
    all: 'All of these',
    any: 'Any of these',
    joined: 'Which conditions must hold',
    field: 'Field',
    comparison: 'Comparison',
    value: 'Value',
    key: 'Field’s key',
    addCondition: 'Condition',
    addGroup: 'Group',
    removeCondition: 'Remove condition',
    removeGroup: 'Remove group',
    group: 'Group of conditions',
    apply: 'Apply',
    cancel: 'Cancel',
    is: 'is',
    isNot: 'is not',
    contains: 'contains',
    after: 'on or after',
    before: 'before',
    withinDays: 'within the last … days',
    olderThanDays: 'longer ago than … days',
  },
  de: {
    title: 'Nach Bedingungen filtern',
    all: 'Alle davon',
    any: 'Eine davon',
    joined: 'Welche Bedingungen gelten müssen',
    field: 'Feld',
    comparison: 'Vergleich',
    value: 'Wert',
    key: 'Schlüssel des Felds',
    addCondition: 'Bedingung',
    addGroup: 'Gruppe',
    removeCondition: 'Bedingung entfernen',
    removeGroup: 'Gruppe entfernen',
    group: 'Gruppe von Bedingungen',
    apply: 'Anwenden',
    cancel: 'Abbrechen',
    is: 'ist',
    isNot: 'ist nicht',
    contains: 'enthält',
    after: 'am oder nach dem',
    before: 'vor dem',
    withinDays: 'in den letzten … Tagen',
    olderThanDays: 'länger her als … Tage',
  },
});

export interface FilterBuilderProps {
  expression: Expression | null;
  knownTags: readonly string[];
  onClose(): void;
  onApply(expression: Expression | null): void;
}

export function FilterBuilder(props: FilterBuilderProps) {
  const text = useMessages(words);
  return (
    <Modal opened onClose={props.onClose} title={text.title} size="lg">
      <BuilderForm {...props} />
    </Modal>
  );
}

function BuilderForm({ expression, knownTags, onClose, onApply }: FilterBuilderProps) {
  const text = useMessages(words);
  const [draft, setDraft] = useState<Group>(() => draftOf(expression));

  function submit(event: FormEvent) {
    event.preventDefault();
    onApply(expressionOfDraft(draft));
    onClose();
  }

  return (
    <form onSubmit={submit} className={classes.form}>
      <GroupRows group={draft} isInner={false} knownTags={knownTags} onChange={setDraft} />
      <div className={classes.buttons}>
        <Button variant="default" onClick={onClose}>
          {text.cancel}
        </Button>
        <Button type="submit">{text.apply}</Button>
      </div>
    </form>
  );
}

interface GroupRowsProps {
  group: Group;
  isInner: boolean;
  knownTags: readonly string[];
  onChange(group: Group): void;
  onRemove?: () => void;
}

function GroupRows({ group, isInner, knownTags, onChange, onRemove }: GroupRowsProps) {
  const text = useMessages(words);
  const { parts } = group;
  const put = (at: number, part: Condition | Group) => onChange({ ...group, parts: parts.with(at, part) });
  const remove = (at: number) => onChange({ ...group, parts: parts.toSpliced(at, 1) });
  const add = (part: Condition | Group) => onChange({ ...group, parts: [...parts, part] });

  return (
    <fieldset className={classes.group} data-inner={isInner || undefined}>
      <legend className={classes.legend}>{isInner ? text.group : text.joined}</legend>
      <div className={classes.join}>
        <SegmentedControl
          size="xs"
          aria-label={text.joined}
          value={group.join}
          onChange={(join) => onChange({ ...group, join: join === 'any' ? 'any' : 'all' })}
          data={[
            { value: 'all', label: text.all },
            { value: 'any', label: text.any },
          ]}
        />
        {onRemove && (
          <ActionIcon aria-label={text.removeGroup} title={text.removeGroup} onClick={onRemove}>
            <AppIcon name="trash" />
          </ActionIcon>
        )}
      </div>
      {parts.map((part, at) =>
        'parts' in part ? (
          <GroupRows
            key={part.id}
            group={part}
            isInner
            knownTags={knownTags}
            onChange={(next) => put(at, next)}
            onRemove={() => remove(at)}
          />
        ) : (
          <ConditionRow
            key={part.id}
            condition={part}
            knownTags={knownTags}
            onChange={(next) => put(at, next)}
            onRemove={() => remove(at)}
          />
        ),
      )}
      <div className={classes.add}>
        <Button
          size="compact-sm"
          variant="subtle"
          leftSection={<AppIcon name="plus" size={14} />}
          onClick={() => add(emptyCondition())}
        >
          {text.addCondition}
        </Button>
        {!isInner && (
          <Button
            size="compact-sm"
            variant="subtle"
            leftSection={<AppIcon name="plus" size={14} />}
            onClick={() => add({ ...draftOf(null), join: group.join === 'all' ? 'any' : 'all' })}
          >
            {text.addGroup}
          </Button>
        )}
      </div>
    </fieldset>
  );
}

/** The values once that one was clicked. */
function chosenWith({ field, values }: Condition, value: string): string[] {
  if (field === 'snoozed') return [value];
  return values.includes(value) ? values.filter((one) => one !== value) : [...values, value];
}

interface ConditionRowProps {
  condition: Condition;
  knownTags: readonly string[];
  onChange(condition: Condition): void;
  onRemove(): void;
}

function ConditionRow({ condition, knownTags, onChange, onRemove }: ConditionRowProps) {
  const text = useMessages(words);
  const choices = useFieldChoices();
  const { field, comparison, values } = condition;
  const isMissing = !isComplete(condition);
  const isDay = comparison === 'after' || comparison === 'before';
  const isDays = comparison === 'withinDays' || comparison === 'olderThanDays';

  function renderValue() {
    if (isDay || isDays || field === 'text') {
      return (
        <TextInput
          size="xs"
          type={isDay ? 'date' : isDays ? 'number' : 'text'}
          {...(isDays ? { min: 1, max: 3660 } : { maxLength: 200 })}
          aria-label={text.value}
          className={classes.value ?? ''}
          value={values[0] ?? ''}
          required
          onChange={(event) => onChange({ ...condition, values: [event.currentTarget.value] })}
        />
      );
    }
    if (isChoiceField(field)) {
      return (
        <fieldset className={classes.options} aria-label={text.value}>
          {choices.of(field).map(({ value, label }) => (
            <label key={value} className={classes.option}>
              <input
                // Of yes and no it is one of them.
                type={field === 'snoozed' ? 'radio' : 'checkbox'}
                name={condition.id}
                checked={values.includes(value)}
                onChange={() => onChange({ ...condition, values: chosenWith(condition, value) })}
              />
              {label}
            </label>
          ))}
        </fieldset>
      );
    }
    return (
      <TagsInput
        size="xs"
        aria-label={text.value}
        className={classes.value ?? ''}
        data={field === 'tag' ? [...knownTags] : []}
        value={values}
        onChange={(next) => onChange({ ...condition, values: next })}
      />
    );
  }

  return (
    <div className={classes.row} data-missing={isMissing || undefined}>
      <Select
        size="xs"
        aria-label={text.field}
        className={classes.field ?? ''}
        data={FIELDS.map((value) => ({ value, label: choices.names[value] }))}
        value={field}
        allowDeselect={false}
        onChange={(next) => next && onChange(conditionOf(condition.id, next as Field))}
      />
      {field === 'customField' && (
        <TextInput
          size="xs"
          aria-label={text.key}
          placeholder={text.key}
          className={classes.key ?? ''}
          value={condition.key}
          maxLength={64}
          required
          onChange={(event) => onChange({ ...condition, key: event.currentTarget.value })}
        />
      )}
      <Select
        size="xs"
        aria-label={text.comparison}
        className={classes.comparison ?? ''}
        data={COMPARISONS[field].map((value) => ({ value, label: text[value] }))}
        value={comparison}
        allowDeselect={false}
        onChange={(next) => {
          const found = COMPARISONS[field].find((one) => one === next);
          if (found)
            onChange({ ...condition, comparison: found, values: isChoiceField(field) ? values : [] });
        }}
      />
      {renderValue()}
      <ActionIcon aria-label={text.removeCondition} title={text.removeCondition} onClick={onRemove}>
        <AppIcon name="x" />
      </ActionIcon>
    </div>
  );
}
