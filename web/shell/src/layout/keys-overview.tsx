/** `?`: every key that works right now, and the switch for single keys. */
import {
  areSingleKeysOn,
  defineMessages,
  KeyHint,
  Modal,
  Switch,
  setSingleKeys,
  useBoundHotkeys,
  useMessages,
} from '@flowbit/ui';
import classes from './keys-overview.module.css';

const words = defineMessages({
  en: {
    title: 'Keyboard shortcuts',
    general: 'General',
    single: 'Single-key shortcuts',
    singleMeaning: 'Switch off if you use speech input or press keys by accident.',
  },
  de: {
    title: 'Tastenkürzel',
    general: 'Allgemein',
    single: 'Kürzel aus einzelnen Tasten',
    singleMeaning: 'Schalten Sie sie aus, wenn Sie diktieren oder versehentlich Tasten drücken.',
  },
});

function KeyGroups() {
  const text = useMessages(words);
  const hotkeys = useBoundHotkeys();
  const groups = new Map<string, Map<string, string[]>>();
  for (const { keys, label, group = text.general, isDisabled } of hotkeys) {
    if (isDisabled) continue;
    const labels = groups.get(group) ?? new Map<string, string[]>();
    const known = labels.get(label) ?? [];
    if (!known.includes(keys)) labels.set(label, [...known, keys]);
    groups.set(group, labels);
  }
  return (
    <>
      <div className={classes.groups}>
        {[...groups].map(([group, labels]) => (
          <section key={group} className={classes.group} aria-label={group}>
            <h3 className={classes.heading}>{group}</h3>
            <dl className={classes.list}>
              {[...labels].map(([label, keys]) => (
                <div key={label} className={classes.row}>
                  <dt>{label}</dt>
                  <dd className={classes.keys}>
                    {keys.map((key) => (
                      <KeyHint key={key} keys={key} />
                    ))}
                  </dd>
                </div>
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
