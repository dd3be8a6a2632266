/** Chromium, and the built dashboard as `laurel dashboard` serves it; where there is no such program, as any server of files would. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { preview } from 'vite';
import { expect } from 'vitest';

const require = createRequire(import.meta.url);
/** Evaluated, not put into the page: the page's own rules would not let it run. */
const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const CHROMIUM = process.env.LAUREL_CHROMIUM ?? '/usr/bin/chromium';
/** The `laurel` command, where it is built. */
export const PROGRAM = process.env.LAUREL_TEST_PROGRAM;
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

/** How long something is awaited, however slow the machine. */
export const PATIENCE_MS = 180_000;

export interface Dashboard {
  browser: Browser;
  /** Opens a route, read from a node; fails the test at the end if the page said that something went wrong. */
  open: (route: string, node: string, options?: BrowserContextOptions, prepare?: (page: Page) => Promise<void>) => Promise<Page>;
  /** Errors that pages wrote to the console or threw. */
  complaints: string[];
  close: () => Promise<void>;
}

interface Served {
  url: string;
  stop: () => Promise<void>;
}

/** Served by `laurel dashboard`, which says where once it listens. */
async function byProgram(program: string, files: string): Promise<Served> {
  const child = spawn(program, ['dashboard', '--listen', '127.0.0.1:0', '--files', files, '--json'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  let said = '';
  for await (const line of createInterface(child.stdout)) {
    said += line;
    if (line === '}') break;
  }
  if (!said) throw new Error(`${program} dashboard ended before it served anything`);
  return {
    url: (JSON.parse(said) as { url: string }).url,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

async function byAnyServer(root: string): Promise<Served> {
  const server = await preview({ root, configFile: false, base: './', preview: { host: '127.0.0.1', port: 0 }, logLevel: 'error' });
  const address = server.httpServer.address();
  if (typeof address !== 'object' || !address) throw new Error('the dashboard is not served');
  return { url: `http://127.0.0.1:${address.port}/`, stop: () => server.close() };
}

export async function start(): Promise<Dashboard> {
  const root = new URL('../../', import.meta.url).pathname;
  if (!existsSync(`${root}dist/index.html`)) throw new Error('the dashboard is not built: npm run build');
  const served = await (PROGRAM ? byProgram(PROGRAM, `${root}dist`) : byAnyServer(root));
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS, timeout: PATIENCE_MS });
  const complaints: string[] = [];
  return {
    browser,
    complaints,
    open: async (route, node, options = {}, prepare) => {
      const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion: 'reduce', ...options });
      const page = await context.newPage();
      page.setDefaultTimeout(PATIENCE_MS);
      page.on('pageerror', (error) => complaints.push(`${route}: ${error.message}`));
      page.on('console', (message) => {
        // A connection that is lost is told there too; the pages themselves say it, and tests of it look there.
        if (message.type() === 'error' && !/WebSocket|ERR_CONNECTION|Failed to load resource/.test(message.text())) complaints.push(`${route}: ${message.text()}`);
      });
      await prepare?.(page);
      await page.goto(`${served.url}?node=${encodeURIComponent(node)}#${route}`);
      return page;
    },
    close: async () => {
      await browser.close();
      await served.stop();
    },
  };
}

/** The text of the figure with this name. */
export const figure = (page: Page, name: string): Promise<string> => page.locator(`[data-figure="${name}"] .figure-value`).first().innerText();

/** Fails with what axe finds against the page as it is shown. */
export async function accessible(page: Page): Promise<void> {
  await page.evaluate(AXE);
  const found = await page.evaluate(async () => {
    const { axe } = window as unknown as { axe: { run: (options: object) => Promise<{ violations: { id: string; nodes: { html: string; failureSummary?: string }[] }[] }> } };
    const { violations } = await axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] });
    return violations.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map(({ failureSummary, html }) => `${html.slice(0, 200)} ${failureSummary}`).join('\n')}`);
  });
  expect(found).toEqual([]);
}
