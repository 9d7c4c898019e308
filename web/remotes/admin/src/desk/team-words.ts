/** What the rules of teams are called. */
import { defineMessages } from '@flowbit/ui';

export const assignmentWords = defineMessages({
  en: {
    manual: 'Whoever takes them',
    round_robin: 'Each in turn',
    by_load: 'Whoever has the fewest',
  },
  de: {
    manual: 'Wer sie nimmt',
    round_robin: 'Reihum',
    by_load: 'Wer am wenigsten hat',
  },
});
