/** What an admin screen shows when its data can't be had; says plainly when it is a matter of the role. */
import { isApiError } from '@flowbit/api';
import { defineMessages, ErrorState, type ErrorStateProps, useMessages } from '@flowbit/ui';

const words = defineMessages({
  en: {
    title: 'Only admins can see this',
    meaning:
      'Your role in this company has changed, or the address was meant for someone else. An admin can give you access; nothing of yours was lost.',
  },
  de: {
    title: 'Das sehen nur Admins',
    meaning:
      'Ihre Rolle in diesem Unternehmen hat sich geändert, oder die Adresse war für jemand anderen gedacht. Ein Admin kann Ihnen Zugriff geben; von Ihnen ging nichts verloren.',
  },
});

export function LoadError({ error, ...rest }: Pick<ErrorStateProps, 'error' | 'onRetry' | 'variant'>) {
  const text = useMessages(words);
  if (isApiError(error) && error.status === 403) {
    return (
      <ErrorState error={error} title={text.title} {...rest}>
        {text.meaning}
      </ErrorState>
    );
  }
  return <ErrorState error={error} {...rest} />;
}
