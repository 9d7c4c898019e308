import { defineRemote } from '@flowbit/build';

export default defineRemote({
  name: 'portal',
  exposes: { './Portal': './src/portal.tsx' },
});
