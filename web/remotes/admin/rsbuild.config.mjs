import { defineRemote } from '@flowbit/build';

export default defineRemote({
  name: 'admin',
  exposes: {
    './Users': './src/users/index.tsx',
    './Screens': './src/screens/index.tsx',
    './Workflows': './src/workflows/index.tsx',
    './Desk': './src/desk/index.tsx',
    './Audit': './src/audit/index.tsx',
  },
});
