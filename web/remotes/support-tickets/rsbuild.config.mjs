import { defineRemote } from '@flowbit/build';

export default defineRemote({
  name: 'support_tickets',
  exposes: { './Tickets': './src/tickets.tsx' },
});
