/**
 * The one Rsbuild configuration of the web side.
 *
 * A shell and its remotes are separate programs that meet in a browser, so the only thing that
 * keeps them compatible is that both are built by these two functions: who shares what, who
 * brings it, and how files are named is decided here and nowhere else.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pluginModuleFederation } from '@module-federation/rsbuild-plugin';
import { mergeRsbuildConfig } from '@rsbuild/core';
import { pluginReact } from '@rsbuild/plugin-react';
import { pluginPrecompress } from './precompress.mjs';

const buildRoot = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const webRoot = resolve(buildRoot, '../..');
const repoRoot = resolve(webRoot, '..');

/** Stands wherever the server writes its per-response nonce into index.html. */
const NONCE_PLACEHOLDER = '__CSP_NONCE__';

/** Packages of which a page must hold exactly one copy: the shell brings them, remotes borrow. */
const SHARED = [
  'react',
  'react/jsx-runtime',
  'react-dom',
  '@tanstack/react-query',
  '@flowbit/api',
  '@flowbit/contract',
  '@flowbit/ui',
];

/** The version of a package as installed, so that what is shared is what was tested. */
function installedVersion(request) {
  const parts = request.split('/');
  const name = request.startsWith('@') ? parts.slice(0, 2).join('/') : parts[0];
  const manifest = join(repoRoot, 'node_modules', name, 'package.json');
  if (!existsSync(manifest)) throw new Error(`${name} is shared but not installed: run npm install`);
  return JSON.parse(readFileSync(manifest, 'utf8')).version;
}

/** What the federation plugin is told about sharing; `borrow` leaves the package out of the build. */
function sharedPackages(borrow) {
  return Object.fromEntries(
    SHARED.map((request) => {
      const version = installedVersion(request);
      const [major] = version.split('.');
      return [
        request,
        {
          singleton: true,
          version,
          requiredVersion: `^${major}.0.0`,
          strictVersion: true,
          ...(borrow ? { import: false } : {}),
        },
      ];
    }),
  );
}

/** What shell and remotes have in common. */
function baseConfig({ root, distPath, plugins }) {
  const production = process.env.NODE_ENV !== 'development';
  return {
    root,
    plugins: [pluginReact(), ...plugins, ...(production ? [pluginPrecompress()] : [])],
    mode: production ? 'production' : 'development',
    output: {
      distPath: { root: distPath },
      cleanDistPath: true,
      filenameHash: 'contenthash:10',
      legalComments: 'none',
      // Inlining would need `data:` scripts and hides sizes; files are cached for ever anyway.
      dataUriLimit: 0,
      sourceMap: production ? false : { js: 'source-map', css: true },
      cssModules: { localIdentName: '[local]-[hash:base64:6]' },
    },
    performance: { printFileSize: { total: true, detail: false, compressed: true } },
    tools: {
      // Chunk ids must not collide between programs that live in one page.
      rspack: { optimization: { chunkIds: 'deterministic', moduleIds: 'deterministic' } },
    },
  };
}

/**
 * How `rsbuild dev` serves, which `cargo xtask dev` starts with these variables: `FLOWBIT_DEV_PORT`, this program's
 * own, and `FLOWBIT_DEV_API`, the address of the server.
 */
function devServer(extra) {
  const port = process.env.FLOWBIT_DEV_PORT;
  if (!port) return {};
  const origin = `http://127.0.0.1:${port}`;
  return {
    dev: {
      // A page of the shell's origin loads from all of them, and must find each one's own changes.
      assetPrefix: `${origin}/`,
      client: { protocol: 'ws', host: '127.0.0.1', port },
      // Compiled whole, so that a screen that is opened first does not wait.
      lazyCompilation: false,
    },
    server: { host: '127.0.0.1', port: Number(port), strictPort: true, printUrls: false, ...extra },
  };
}

/** Everything that is not the shell's own is the server's: the page has one origin, as in production. */
function proxyToServer() {
  const target = process.env.FLOWBIT_DEV_API;
  const paths = ['/api', '/webhook', '/remotes', '/.well-known', '/healthz', '/readyz'];
  const plain = Object.fromEntries(paths.map((path) => [path, { target }]));
  return { ...plain, '/socket.io': { target, ws: true } };
}

/** The host: sign-in, layout, session and the shared packages. */
export function defineShell({ root = process.cwd(), title = 'Flowbit' } = {}) {
  return mergeRsbuildConfig(
    baseConfig({
      root,
      distPath: join(webRoot, 'dist/shell'),
      plugins: [
        pluginModuleFederation({
          name: 'flowbit_shell',
          remotes: {},
          shared: sharedPackages(false),
          shareStrategy: 'loaded-first',
          dts: false,
          manifest: false,
          experiments: { provideExternalRuntime: true, optimization: { target: 'web' } },
        }),
      ],
    }),
    {
      source: { entry: { index: './src/index.ts' } },
      security: { nonce: NONCE_PLACEHOLDER },
      html: { title, template: './src/index.html' },
    },
    devServer({ historyApiFallback: true, proxy: proxyToServer() }),
    process.env.FLOWBIT_DEV_PORT ? { source: { preEntry: [join(buildRoot, 'src/keep-renderers.mjs')] } } : {},
  );
}

/**
 * A screen program.
 *
 * @param name    A JavaScript identifier, the name under which the registry knows it.
 * @param exposes What it offers, e.g. `{'./Tickets': './src/Tickets.tsx'}`.
 * @param folder  Its folder under `web/dist/remotes/`; the name with hyphens unless told.
 */
export function defineRemote({ name, exposes, folder = name.replaceAll('_', '-'), root = process.cwd() }) {
  if (!/^[a-z][a-z0-9_]*$/.test(name)) {
    throw new Error(`remote name "${name}" must be a lower-case identifier`);
  }
  return mergeRsbuildConfig(
    baseConfig({
      root,
      distPath: join(webRoot, 'dist/remotes', folder),
      plugins: [
        pluginModuleFederation({
          name,
          // While it is developed its name must not change under a page that has it.
          filename: `static/js/entry${process.env.FLOWBIT_DEV_PORT ? '' : '.[contenthash:10]'}.js`,
          exposes,
          shared: sharedPackages(true),
          shareStrategy: 'loaded-first',
          dts: false,
          manifest: true,
          experiments: { externalRuntime: true, optimization: { target: 'web' } },
        }),
      ],
    }),
    {
      // A remote has no page of its own; its entry exists because a build needs one.
      source: { entry: { index: join(buildRoot, 'src/no-page.mjs') } },
      tools: { htmlPlugin: false },
      output: { assetPrefix: 'auto' },
    },
    // The page is the shell's, of another origin.
    devServer({ cors: { origin: '*' } }),
  );
}
