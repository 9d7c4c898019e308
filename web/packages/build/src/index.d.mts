import type { RsbuildConfig } from '@rsbuild/core';

export declare function defineShell(options?: { root?: string; title?: string }): RsbuildConfig;
export declare function defineRemote(options: {
  name: string;
  exposes: Record<`./${string}`, string>;
  folder?: string;
  root?: string;
}): RsbuildConfig;
