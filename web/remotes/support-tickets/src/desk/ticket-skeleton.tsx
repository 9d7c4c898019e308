/** Where a ticket will stand, while it or its program is on its way. */
import { Skeleton } from '@flowbit/ui';
import classes from './ticket-skeleton.module.css';

export function TicketSkeleton({ hasSide }: { hasSide: boolean }) {
  return (
    <div className={classes.root} data-side={hasSide || undefined} aria-busy>
      <div className={classes.ticket}>
        <Skeleton height={10} width={64} radius={3} />
        <Skeleton height={18} width="70%" radius={3} mt={18} />
        <Skeleton height={10} width="90%" radius={3} mt={40} />
        <Skeleton height={10} width="80%" radius={3} mt={12} />
        <Skeleton height={10} width="55%" radius={3} mt={12} />
      </div>
      {hasSide && <div className={classes.side} />}
    </div>
  );
}
