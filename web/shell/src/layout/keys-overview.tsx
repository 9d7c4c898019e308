/** `?`: every key that works right now, the way to other ones, and the switch for single keys. */
import {
  areSingleKeysOn,
  Button,
  defineMessages,
  forgetKeyChoices,
  type Hotkey,
  Modal,
  Switch,
  setSingleKeys,
  useBoundHotkeys,
  useKeyChoices,
  useMessages,
} from '@flowbit/ui';
import { KeyRow } from './key-row';
import classes from './keys-overview.module.css';

const words = defineMessages({
  en: {
    title: 'Keyboard shortcuts',
    general: 'General',
    single: 'Single-key shortcuts',
    singleMeaning: 'Switch off if you use speech input or press keys by accident.',
    kept: 'Keys that you change are kept in this browser.',
    resetAll: 'Give all their own keys again',
  },
  de: {
    title: 'Tastenkürzel',
    general: 'Allgemein',
    single: 'Kürzel aus einzelnen Tasten',
    singleMeaning: 'Schalten Sie sie aus, wenn Sie diktieren oder versehentlich Tasten drücken.',
    kept: 'Geänderte Tasten merkt sich dieser Browser.',
    resetAll: 'Allen die eigenen Tasten zurückgeben',
  },
});

function KeyGroups() {
  const text = useMessages(words);
  const hotkeys = useBoundHotkeys();
  const choices = useKeyChoices();
  const groups = new Map<string, Map<string, Hotkey[]>>();
  for (const hotkey of hotkeys) {
    const { keys, label, group = text.general, isDisabled } = hotkey;
    if (isDisabled) continue;
    const labels = groups.get(group) ?? new Map<string, Hotkey[]>();
    const known = labels.get(label) ?? [];
    if (!known.some((one) => one.keys === keys)) labels.set(label, [...known, hotkey]);
    groups.set(group, labels);
  }
  return (
    <>
      <div className={classes.groups}>
        {[...groups].map(([group, labels]) => (
          <section key={group} className={classes.group} aria-label={group}>
            <h3 className={classes.heading}>{group}</h3>
            <dl className={classes.list}>
              {[...labels].map(([label, bound]) => (
                <KeyRow key={label} label={label} hotkeys={bound} />
              ))}
            </dl>
          </section>
        ))}
      </div>
      <Switch
        label={text.single}
        description={text.singleMeaning}
        checked={areSingleKeysOn()}
        onChange={(event) => setSingleKeys(event.currentTarget.checked)}
      />
      <p className={classes.kept}>
        {text.kept}
        {choices.size > 0 && (
          <Button size="compact-xs" variant="subtle" onClick={forgetKeyChoices}>
            {text.resetAll}
          </Button>
        )}
      </p>
    </>
  );
}

export function KeysOverview({ opened, onClose }: { opened: boolean; onClose(): void }) {
  const text = useMessages(words);
  return (
    <Modal opened={opened} onClose={onClose} title={text.title} size={760}>
      <KeyGroups />
    </Modal>
  );
}
