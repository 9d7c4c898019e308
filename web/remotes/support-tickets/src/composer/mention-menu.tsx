/** Whom a message can name: by `@` in the text, or by its button. */
import type { PersonRef, Ticket } from '@flowbit/api';
import { ActionIcon, AppIcon, defineMessages, useMessages } from '@flowbit/ui';
import { Initials } from '../fields/initials';
import { Picker } from '../fields/picker';
import { fieldWords } from '../fields/words';

const words = defineMessages({
  en: { people: 'Mention somebody', button: 'Mention somebody (@)' },
  de: { people: 'Jemanden erwähnen', button: 'Jemanden erwähnen (@)' },
});

export interface MentionMenuProps {
  ticket: Ticket;
  people: readonly PersonRef[];
  isLoading: boolean;
  isOpen: boolean;
  onOpenChange(isOpen: boolean): void;
  onPick(person: PersonRef): void;
}

export function MentionMenu(props: MentionMenuProps) {
  const { ticket, people, isLoading, isOpen, onOpenChange, onPick } = props;
  const text = useMessages(words);
  const fields = useMessages(fieldWords);
  return (
    <Picker
      label={text.people}
      isLoading={isLoading && isOpen}
      width={280}
      position="top-start"
      isOpen={isOpen}
      onOpenChange={onOpenChange}
      options={people.map(({ id, name }) => ({
        value: id,
        label: name,
        icon: <Initials name={name} />,
        ...(id === ticket.requester.id ? { hint: fields.requester } : {}),
      }))}
      onPick={(id) => {
        const person = people.find((one) => one.id === id);
        if (person) onPick(person);
      }}
      target={
        <ActionIcon
          variant="subtle"
          color="gray"
          size={32}
          aria-label={text.button}
          title={text.button}
          onClick={() => onOpenChange(!isOpen)}
        >
          <AppIcon name="at" />
        </ActionIcon>
      }
    />
  );
}
