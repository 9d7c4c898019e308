/** The end of a page of a long list: the next page comes when it is scrolled to, or by its button. */
import { Button, defineMessages, useIntersection, useMessages } from '@flowbit/ui';
import { useEffect } from 'react';
import classes from './load-more.module.css';

const words = defineMessages({
  en: { more: 'Load more', failed: 'The next page could not be loaded.', again: 'Try again' },
  de: {
    more: 'Mehr laden',
    failed: 'Die nächste Seite konnte nicht geladen werden.',
    again: 'Noch einmal versuchen',
  },
});

export interface LoadMoreProps {
  query: {
    hasNextPage: boolean;
    isFetchingNextPage: boolean;
    isFetchNextPageError: boolean;
    fetchNextPage(): unknown;
  };
  /** Said when everything is there. */
  end?: string | undefined;
}

export function LoadMore({ query, end }: LoadMoreProps) {
  const text = useMessages(words);
  const { ref, entry } = useIntersection({ rootMargin: '200px' });
  const { hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage } = query;
  const isNear = entry?.isIntersecting === true;
  useEffect(() => {
    if (isNear && hasNextPage && !isFetchingNextPage && !isFetchNextPageError) fetchNextPage();
  }, [isNear, hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage]);

  if (!hasNextPage) return end === undefined ? null : <div className={classes.root}>{end}</div>;
  return (
    <div ref={ref} className={classes.root}>
      {isFetchNextPageError && <span role="alert">{text.failed}</span>}
      <Button
        variant="default"
        size="compact-sm"
        loading={isFetchingNextPage}
        onClick={() => void fetchNextPage()}
      >
        {isFetchNextPageError ? text.again : text.more}
      </Button>
    </div>
  );
}
