/** The product's mark. */
import classes from './logo.module.css';

export function Logo({ isFolded = false }: { isFolded?: boolean }) {
  return (
    <span className={classes.root}>
      <svg width="24" height="24" viewBox="0 0 16 16" aria-hidden="true" className={classes.mark}>
        <rect width="16" height="16" rx="4" fill="var(--fb-accent)" />
        <path
          d="M4.5 4.5h7M4.5 8h4.5M4.5 11.5h2"
          fill="none"
          stroke="var(--fb-accent-on)"
          strokeWidth="1.75"
          strokeLinecap="round"
        />
      </svg>
      {!isFolded && <span className={classes.name}>Flowbit</span>}
    </span>
  );
}
