/** The dashboard against a node that a test holds in its hand: size, speed, lost connections, keyboard, screen readers. */
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { format } from '../../src/amounts';
import { accessible, figure, start, type Dashboard } from './browser';
import { address, MockNode, neuron } from './mock';

/** Small enough that axe, which looks at every cell, is done in a moment. */
const SMALL = { subnets: 3, neurons: 8, seats: 3 };
const LARGE = { subnets: 64, neurons: 256, seats: 64 };

let node: MockNode;
let url: string;
let small: MockNode;
let smallUrl: string;
let dashboard: Dashboard;

beforeAll(async () => {
  node = new MockNode(LARGE);
  small = new MockNode(SMALL);
  [url, smallUrl, dashboard] = await Promise.all([node.start(), small.start(), start()]);
});

afterAll(async () => {
  await dashboard?.close();
  await Promise.all([node?.stop(), small?.stop()]);
});

afterEach(() => {
  expect(dashboard.complaints.splice(0)).toEqual([]);
});

const opened: Page[] = [];
async function open(...args: Parameters<Dashboard['open']>): Promise<Page> {
  const page = await dashboard.open(...args);
  opened.push(page);
  return page;
}
afterEach(async () => {
  await Promise.all(opened.splice(0).map((page) => page.context().close()));
});

test('the metagraph sorts, filters and searches without a wait', async () => {
  const page = await open('/subnets/17', url);
  await page.locator('tbody tr').nth(255).waitFor({ state: 'attached' });
  const uids = () => page.locator('tbody th').allInnerTexts();
  const shown = () => page.locator('tbody tr').count();

  await page.getByRole('button', { name: 'Stake' }).click();
  await expect.poll(async () => (await uids()).slice(0, 3)).toEqual(['255', '254', '253']);
  await expect.poll(() => page.locator('th[aria-sort="descending"]').innerText()).toContain('Stake');
  await page.getByRole('button', { name: 'Stake' }).click();
  await expect.poll(async () => (await uids()).slice(0, 3)).toEqual(['0', '1', '2']);

  await page.getByText('With a permit').click();
  await expect.poll(shown).toBe(64);
  await page.getByText('Paid as miners').click();
  await expect.poll(shown).toBe(192);
  await page.getByRole('searchbox', { name: 'Search' }).fill('10.0.17.9:');
  await expect.poll(uids).toEqual(['9']);
  await page.getByRole('searchbox', { name: 'Search' }).fill('nowhere');
  await page.getByText('None fits the search.').waitFor();
});

test('the bars of the split are as long as the shares', async () => {
  const page = await open('/', url);
  await page.locator('.bars li').first().waitFor();
  const bars = await page.locator('.bars li').evaluateAll((all) =>
    all.map((bar) => ({
      length: bar.querySelector('.bar-track span')!.getBoundingClientRect().width / bar.querySelector('.bar-track')!.getBoundingClientRect().width,
      share: Number.parseFloat(bar.querySelector('.bar-figure')!.textContent!) / 100,
    })),
  );
  for (const { length, share } of bars) expect(length).toBeCloseTo(share, 2);
});

test('every figure of a neuron is the one that the node told', async () => {
  const page = await open('/subnets/17/neurons/9', url);
  const { scores, stake } = neuron(17, 9, 1_000);
  await page.locator('[data-figure="paid"]').waitFor();
  expect(await figure(page, 'paid')).toBe(`${format(BigInt(scores.emission))} LRL`);
  expect(await figure(page, 'stake')).toBe(`${format(BigInt(stake), 4)} LRL`);
  expect(await figure(page, 'incentive')).toBe('0.04 %');
});

test('a node that keeps few states is asked no further, and the page says so', async () => {
  node.keptFrom = 970;
  try {
    const page = await open('/subnets/17/neurons/9', url);
    await page.getByText('The node keeps no state of block 969 and before').waitFor();
    await page.getByText('The figures as a table').first().click();
    const blocks = await page.locator('.chart table').first().locator('tbody th').allInnerTexts();
    expect(blocks.slice(0, -1).map(Number)).toEqual([979, 989, 999].filter((block) => block < Number(blocks.at(-1))));
  } finally {
    node.keptFrom = 0;
  }
});

test('a node that keeps all states is asked as far back as is wanted', async () => {
  const page = await open('/subnets/17/neurons/9', url);
  await page.getByText('From block 709 on.').waitFor();
  await page.getByLabel('Look back').selectOption('120 epochs, every 4th');
  // Registered in block 1.
  await page.getByText('From block 39 on.').waitFor();
  await page.getByText('The figures as a table').first().click();
  const blocks = await page.locator('.chart table').first().locator('tbody th').allInnerTexts();
  expect(blocks.slice(0, 3)).toEqual(['39', '79', '119']);
});

test('figures that the node tells no more are said to be of the block that they are of', async () => {
  const own = new MockNode(SMALL);
  try {
    const page = await open('/subnets', await own.start());
    await page.locator('tbody tr').nth(2).waitFor();
    own.refused = 'laurel_subnets';
    own.advance();
    await page.getByText('What is shown is of block 1,000.').waitFor();
    own.refused = undefined;
    await page.getByText('What is shown is of block 1,000.').waitFor({ state: 'detached' });
  } finally {
    await own.stop();
  }
});

test('what positions have earned and what gateways may draw is shown as the node tells it, to the leaf and with its sign', async () => {
  const page = await open(`/staking/${address(77)}`, url);
  await page.locator('[data-figure="earned"]').waitFor();
  expect(await figure(page, 'free')).toBe('12,345,678.901234567 LRL');
  expect(await figure(page, 'earned')).toBe('+99.999999997 LRL');
  const rows = await page.locator('table', { hasText: 'Stake positions' }).locator('tbody tr').allInnerTexts();
  expect(rows[0]).toContain('+100.000000001');
  expect(rows[1]).toContain('−0.000000003');
  expect(await figure(page, 'deposited')).toBe('3 LRL');
  const deposit = await page.locator('table', { hasText: 'Deposits of' }).locator('tbody td').allInnerTexts();
  expect(deposit).toEqual(['3', '2.500000001', '0.999999999', '1,044', '0.01']);
});

test('a lost connection is shown, and one that is back goes on by itself', async () => {
  const own = new MockNode(SMALL);
  try {
    const page = await open('/', await own.start());
    await expect.poll(() => figure(page, 'best')).toBe('1,000');
    await own.stop();
    await page.getByText('The connection is lost; what is shown is as it was.').waitFor();
    expect(await figure(page, 'best')).toBe('1,000');
    await own.start();
    await page.getByText('The connection is lost').waitFor({ state: 'detached' });
    own.advance();
    await expect.poll(() => figure(page, 'best')).toBe('1,001');
  } finally {
    await own.stop();
  }
});

test('a node that is not there is told with what to do, and another one can be chosen', async () => {
  const page = await open('/', 'ws://127.0.0.1:9');
  await page.getByText('Is a node running at ws://127.0.0.1:9').waitFor();
  await page.getByRole('button', { name: 'Node: No connection' }).click();
  const field = page.getByLabel('Address of the node');
  await field.fill('http://127.0.0.1:9944');
  await page.getByRole('button', { name: 'Use this node' }).click();
  await page.getByText('The address begins with ws:// or wss://.').waitFor();
  await field.fill(url);
  await page.getByRole('button', { name: 'Use this node' }).click();
  await page.locator('.bars li').first().waitFor();
  expect(new URL(page.url()).searchParams.get('node')).toBe(url);
});

test('what does not exist is refused in words', async () => {
  const page = await open('/subnets/999', url);
  await page.getByRole('alert').getByText('SubnetNotFound').waitFor();
  const nowhere = await open('/nowhere', url);
  await nowhere.getByRole('heading', { name: 'There is no such page' }).waitFor();
});

test('without a wallet everything is read-only, and the page says what would be needed', async () => {
  const page = await open('/staking', url);
  await page.locator('tbody tr').first().waitFor();
  expect(await page.getByRole('button', { name: /^Stake on/ }).count()).toBe(0);
  await page.getByRole('button', { name: 'Connect wallet' }).click();
  await page.getByText('No wallet extension was found').waitFor();
});

test('the calculator says what the arithmetic says', async () => {
  const page = await open(`/calculator/${address(900_003)}`, url);
  await page.locator('[data-figure="per-day"]').waitFor();
  // 0.1 LRL a block, 7,200 blocks a day, 1000 of 5000 LRL.
  expect(await figure(page, 'per-day')).toBe('144 LRL');
  await page.getByLabel('Amount, LRL').fill('4000');
  await expect.poll(() => figure(page, 'per-day')).toBe('360 LRL');
  await page.getByLabel('Amount, LRL').fill('1.0000000001');
  await page.getByText('would have to be rounded').waitFor();
});

describe('receipts of a gateway', () => {
  let gateway: Server;
  let address_: string;
  beforeAll(async () => {
    const { hotkey } = neuron(17, 9, 0);
    gateway = createServer((request, response) => {
      response.setHeader('access-control-allow-origin', '*');
      if (!request.url?.startsWith('/laurel/v1/receipts?uid=9&')) response.writeHead(404).end();
      else response.end(JSON.stringify({ netuid: 17, uid: 9, receipts: [{ epoch: 4, block: 44, hotkey, verdict: 'wrong', reason: 'token 3 is not the one', score: 250_000 }] }));
    });
    gateway.listen(0, '127.0.0.1');
    await once(gateway, 'listening');
    address_ = `http://127.0.0.1:${(gateway.address() as AddressInfo).port}`;
  });
  afterAll(() => gateway?.close());

  test('come from the gateway that serves the page, if it is one of the subnet', async () => {
    const serving = async (page: Page) => {
      const receipts = [{ block: 45, verdict: 'correct', reason: 'by the page’s own', score: 1_000_000 }];
      await page.route('**/laurel/v1/receipts?uid=*', (route) => route.fulfill({ json: { netuid: 17, receipts } }));
    };
    const page = await open('/subnets/17/neurons/9', url, {}, serving);
    await page.getByRole('cell', { name: 'by the page’s own' }).waitFor();
    expect(await page.getByLabel('Address of a gateway of this subnet').inputValue()).toBe(new URL(page.url()).origin);
  });

  test('are shown with their reasons, and a gateway without is told apart', async () => {
    const page = await open('/subnets/17/neurons/9', url);
    await page.getByLabel('Address of a gateway of this subnet').fill(`${address_}/`);
    await page.getByRole('button', { name: 'Ask' }).click();
    await page.getByRole('cell', { name: 'token 3 is not the one' }).waitFor();
    await page.getByRole('cell', { name: '25.00 %' }).waitFor();
    await page.getByText('1 × wrong').waitFor();
    const other = await open('/subnets/17/neurons/10', url);
    await other.getByLabel('Address of a gateway of this subnet').fill(address_);
    await other.getByRole('button', { name: 'Ask' }).click();
    await other.getByText('publishes no receipts').waitFor();
    const elsewhere = await open('/subnets/18/neurons/9', url);
    await elsewhere.getByLabel('Address of a gateway of this subnet').fill(address_);
    await elsewhere.getByRole('button', { name: 'Ask' }).click();
    await elsewhere.getByText('belongs to a validator of subnet 17').waitFor();
  });
});

test('the keyboard reaches everything: skip link, pages, sorting', async () => {
  const page = await open('/subnets', url);
  await page.locator('tbody tr').first().waitFor();
  await page.keyboard.press('Tab');
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('To the content');
  await page.keyboard.press('Enter');
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('main');
  const header = page.getByRole('button', { name: 'Neurons' });
  await header.focus();
  await page.keyboard.press('Enter');
  await expect.poll(() => page.locator('th[aria-sort="descending"]').innerText()).toContain('Neurons');
  // Another page begins at its title.
  await page.getByRole('link', { name: 'Root' }).focus();
  await page.keyboard.press('Enter');
  await expect.poll(() => page.evaluate(() => document.activeElement?.tagName)).toBe('H1');
});

test('dark and light follow the system until one is chosen, which is remembered', async () => {
  const page = await open('/', url, { colorScheme: 'dark' });
  const theme = () => page.evaluate(() => document.documentElement.dataset.theme);
  expect(await theme()).toBe('dark');
  await page.getByRole('button', { name: 'Switch to light' }).click();
  await expect.poll(theme).toBe('light');
  await page.reload();
  await page.getByRole('button', { name: 'Switch to dark' }).waitFor();
  expect(await theme()).toBe('light');
});

const ROUTES = ['/', '/subnets', '/subnets/2', '/subnets/2/neurons/3', '/root', `/staking/${address(77)}`, `/hotkeys/${address(900_000)}`, '/calculator', '/events'];

test.each(ROUTES)('axe finds nothing wrong with %s, dark or light', async (route) => {
  const page = await open(route, smallUrl, { colorScheme: 'light' });
  await page.locator('h1').waitFor();
  await expect.poll(() => page.getByText(/^Reading /).count()).toBe(0);
  await accessible(page);
  await page.getByRole('button', { name: 'Switch to dark' }).click();
  await accessible(page);
});

test.each(ROUTES)('%s fits a phone: only tables scroll sideways', async (route) => {
  const page = await open(route, smallUrl, { viewport: { width: 360, height: 740 } });
  await page.locator('h1').waitFor();
  await expect.poll(() => page.getByText(/^Reading /).count()).toBe(0);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
});
