import { defineShell } from '@flowbit/build';

export default defineShell();
