/** The dashboard against a running local network: what it shows is what RPC says, and what a wallet signs changes it. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { format, parts, percent } from '../../src/amounts';
import type { EmissionSchedule, Metagraph, Neuron, Portfolio, Prepaid, Refusal, Root, Subnet, Supply, UnstakeQuote } from '../../src/node/types';
import { accessible, figure, PATIENCE_MS, PROGRAM, start, type Dashboard } from './browser';
import { Rpc } from './rpc';
import { wallet, type TestWallet } from './wallet';

/** `laurel localnet`, as scripts/dashboard.sh starts it: its node, a gateway of the text subnet, its folder, its process. */
const NODE = process.env.LAUREL_TEST_NODE ?? 'ws://127.0.0.1:9944';
const GATEWAY = process.env.LAUREL_TEST_GATEWAY ?? 'http://127.0.0.1:9964';
const FOLDER = process.env.LAUREL_TEST_NETWORK ?? '';
const PROCESS = Number(process.env.LAUREL_TEST_NETWORK_PID ?? 0);

const rpc = new Rpc(NODE);
let dashboard: Dashboard;
/** Endowed, and the author of no block, so that no fees come in between. */
let charlie: TestWallet;

/** The network is founded when both seats voted, each subnet has neurons, and something was paid. */
async function founded(): Promise<boolean> {
  // Throws where the network has ended: then there is nothing to wait for.
  if (PROCESS) process.kill(PROCESS, 0);
  try {
    const [{ seats }, subnets] = await Promise.all([rpc.ask<Root>('laurel_root'), rpc.ask<Subnet[]>('laurel_subnets')]);
    return seats.length === 2 && seats.every(({ weights }) => weights.length > 0) && subnets.length === 2 && subnets.every(({ last_epoch, neurons }) => neurons > 2 && BigInt(last_epoch?.miners ?? 0) > 0n);
  } catch {
    return false; // Not up yet.
  }
}

beforeAll(async () => {
  [dashboard, charlie] = await Promise.all([start(), wallet('//Charlie', 'Charlie')]);
  await vi.waitUntil(founded, { timeout: 5 * PATIENCE_MS, interval: 1_000 });
}, 6 * PATIENCE_MS);

afterAll(() => dashboard?.close());

const opened: Page[] = [];
async function open(route: string, with_?: TestWallet): Promise<Page> {
  const page = await dashboard.open(route, NODE, {}, with_ && ((empty) => with_.install(empty)));
  opened.push(page);
  return page;
}

afterEach(async () => {
  await Promise.all(opened.splice(0).map((page) => page.context().close()));
  expect(dashboard.complaints.splice(0)).toEqual([]);
});

/** Reads from the page, with the block that its figures are of; both in one moment. */
async function shown<T>(page: Page, read: (root: Element) => T): Promise<{ at: string; value: T }> {
  await page.locator('[data-block]').first().waitFor();
  return page.evaluate((source) => {
    const inPage = new Function(`return (${source})`)() as (root: Element) => T;
    return { at: document.querySelector<HTMLElement>('[data-block]')!.dataset.block!, value: inPage(document.querySelector('main')!) };
  }, read.toString());
}

/** What the page shows, and what the node tells of the same block. A block that a fork took back has no state any more: then the page is read again. */
async function both<T, R>(page: Page, read: (root: Element) => T, ask: (at: string) => Promise<R>): Promise<{ value: T; told: R }> {
  return vi.waitFor(
    async () => {
      const { at, value } = await shown(page, read);
      return { value, told: await ask(at) };
    },
    { timeout: PATIENCE_MS },
  );
}

const leaves = (root: Element) => Object.fromEntries([...root.querySelectorAll<HTMLElement>('[data-figure]')].map((figure) => [figure.dataset.figure!, figure.querySelector('data')?.value ?? figure.querySelector('.figure-value')!.textContent!]));
const cells = (root: Element) => [...root.querySelectorAll('table tbody')].map((body) => [...body.querySelectorAll('tr')].map((row) => [...row.children].map((cell) => cell.querySelector('data')?.value ?? cell.textContent!)));

test('the overview shows the supply and the split that the node tells', async () => {
  const page = await open('/');
  await page.locator('.bars li').nth(1).waitFor();
  const bars = (root: Element) => [...root.querySelectorAll<HTMLElement>('.bars li')].map((bar) => [bar.dataset.subnet!, bar.querySelector('.bar-figure')!.textContent!, bar.querySelector<HTMLElement>('.bar-figure')!.title]);
  const { told: supply, value } = await both(page, leaves, (at) => rpc.ask<Supply>('laurel_supply', at));
  expect(value).toMatchObject({ issuance: supply.issuance, staked: supply.staked, 'block-emission': supply.block_emission });

  const { told: subnets, value: split } = await both(page, bars, (at) => rpc.ask<Subnet[]>('laurel_subnets', at));
  const total = subnets.reduce((sum, { emission_per_block }) => sum + BigInt(emission_per_block), 0n);
  const expected = subnets.map(({ emission_per_block, netuid }) => [String(netuid), percent(BigInt(emission_per_block), total), `${format(BigInt(emission_per_block))} LRL a block`]);
  expect(split.sort()).toEqual(expected.sort());
});

test('the overview follows the chain: blocks, finality, halving', async () => {
  const page = await open('/');
  await page.locator('[data-figure="best"]').waitFor();
  const number = async (name: string) => Number((await figure(page, name)).replace(/\D/g, ''));
  const before = await number('best');
  await expect.poll(() => number('best')).toBeGreaterThan(before);
  await expect.poll(() => number('finalized')).toBeGreaterThan(before);
  await page.getByText('to the next halving').waitFor();
  const { blocks_to_halving: blocks } = await rpc.ask<EmissionSchedule>('laurel_emissionSchedule');
  const told = Number(/([\d,]+) blocks to the next halving/.exec(await page.locator('main').innerText())![1]!.replaceAll(',', ''));
  expect(Math.abs(told - blocks!)).toBeLessThan(600);
});

test('the subnets are those that the node tells', async () => {
  const page = await open('/subnets');
  await page.locator('tbody tr').nth(1).waitFor();
  const { told: subnets, value } = await both(page, cells, (at) => rpc.ask<Subnet[]>('laurel_subnets', at));
  const rows = value[0]!.map((row) => [row[0]!.replace('Subnet ', ''), row[1], row[3], row[5], row[7]]);
  expect(rows.sort()).toEqual(subnets.map((one) => [String(one.netuid), [...new Set(one.models.map(({ kind }) => kind))].join(', '), one.emission_per_block, one.pot, one.registration_price]).sort());
});

test('the metagraph is the one that the node tells, neuron by neuron', async () => {
  const page = await open('/subnets/1');
  await page.locator('tbody tr').nth(5).waitFor();
  const { told, value } = await both(page, cells, (at) => rpc.ask<Metagraph>('laurel_metagraph', 1, at));
  const rows = value[0]!.map(([uid, , stake, incentive, dividends, paid, consensus, trust, vtrust]) => [uid, stake, incentive, dividends, paid, consensus, trust, vtrust]);
  expect(rows).toEqual(
    told.neurons.map(({ scores, stake, uid }) => [String(uid), stake, parts(scores.incentive), parts(scores.dividends), scores.emission, parts(scores.consensus), parts(scores.trust), parts(scores.validator_trust)]),
  );
});

test('a neuron’s past epochs are what the node tells of those blocks', async () => {
  const { neurons } = await rpc.ask<Metagraph>('laurel_metagraph', 1);
  const paid = neurons.find(({ scores }) => scores.incentive > 0)!;
  const page = await open(`/subnets/1/neurons/${paid.uid}`);
  const { told: now, value } = await both(page, leaves, (at) => rpc.ask<Neuron>('laurel_neuron', 1, paid.hotkey, at));
  expect(value).toMatchObject({ incentive: parts(now.scores.incentive), paid: now.scores.emission, stake: now.stake });

  await page.getByText(/^From block [\d,]+ on\.( The node keeps no state.*)?$/).waitFor();
  const { value: tables } = await shown(page, cells);
  const past = tables[0]!.map(([block, incentive]) => [Number(block), incentive] as const);
  expect(past.length).toBeGreaterThan(1);
  // The node forgets states 256 blocks old; those that are about to go are left out.
  const newest = past.at(-1)![0];
  for (const [block, incentive] of past.filter(([block]) => block > newest - 200)) {
    const then = await rpc.ask<Neuron>('laurel_neuron', 1, paid.hotkey, await rpc.ask<string>('chain_getBlockHash', block));
    expect(incentive).toBe(`${((then.scores.incentive * 100) / 65_535).toFixed(2)} %`);
  }
});

test('the matrix of root weights has what each seat said, and the split that follows', async () => {
  const page = await open('/root');
  await page.locator('.matrix tbody tr').nth(1).waitFor();
  const matrix = (root: Element) => [...root.querySelectorAll('.matrix tbody tr, .matrix tfoot tr')].map((row) => [...row.children].map((cell) => cell.querySelector('data')?.value ?? cell.textContent!));
  const { told, value } = await both(page, matrix, (at) => rpc.ask<Root>('laurel_root', at));
  const { seats, split } = told;
  const byStake = [...seats].sort((a, b) => (BigInt(b.stake) > BigInt(a.stake) ? 1 : -1));
  const rows = byStake.map(({ stake, weights }) => {
    const sum = weights.reduce((all, { weight }) => all + BigInt(weight), 0n);
    return [stake, ...weights.map(({ weight }) => percent(BigInt(weight), sum, 1))];
  });
  expect(value.slice(0, 2).map(([, stake, , ...shares]) => [stake, ...shares])).toEqual(rows);
  expect(value[2]!.slice(3)).toEqual(split.map(({ part }) => percent(BigInt(part), 18_446_744_073_709_551_615n, 1)));
});

async function connect(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Connect wallet' }).click();
  await page.getByRole('button', { name: 'test-wallet' }).click();
  await page.getByRole('button', { name: 'Done' }).click();
}

/** What the review says, name by name; amounts in leaves. */
const review = (page: Page): Promise<Record<string, string>> =>
  page.locator('dl.review').evaluate((list) => Object.fromEntries([...list.querySelectorAll('dt')].map((term) => [term.textContent!, term.nextElementSibling!.querySelector('data')?.value ?? term.nextElementSibling!.textContent!])));

const portfolio = () => rpc.ask<Portfolio>('laurel_portfolio', charlie.address);

/** Holds what the staking page shows of an address against what the node tells of the same block, to the leaf. */
async function held(page: Page, address: string): Promise<{ free: string; staked: string }> {
  const read = (root: Element) => ({
    figures: Object.fromEntries([...root.querySelectorAll<HTMLElement>('[data-figure]')].map((figure) => [figure.dataset.figure!, figure.querySelector('data')!.value])),
    tables: [...root.querySelectorAll('table')].map((table) => [...table.querySelectorAll('tbody tr')].map((row) => [...row.querySelectorAll('data')].map(({ value }) => value)).filter((amounts) => amounts.length > 0)),
  });
  const { told, value } = await both(page, read, (at) => Promise.all([rpc.ask<Portfolio>('laurel_portfolio', address, at), rpc.ask<Prepaid[]>('laurel_prepaidBy', address, at)]));
  const [{ earned, free, positions, staked }, deposits] = told;
  expect(value.figures).toMatchObject({ earned, free, staked });
  const byStake = positions.sort((a, b) => Number(BigInt(b.stake.stake) - BigInt(a.stake.stake)));
  deposits.sort((a, b) => Number(BigInt(b.amount) - BigInt(a.amount)));
  // What a day is expected to bring is the last amount of a row, and not told by the node.
  expect(value.tables[0]!.map((row) => row.slice(0, 4))).toEqual(byStake.map(({ stake }) => [stake.stake, stake.principal, stake.earned, stake.unreleased]));
  if (deposits.length > 0) expect(value.tables[1]).toEqual(deposits.map((one) => [one.amount, one.drawable, one.announced, one.record_deposit]));
  return { free, staked };
}

test('staking from a wallet, taking back, and what the chain refuses', async () => {
  const { seats } = await rpc.ask<Root>('laurel_root');
  const hotkey = seats[0]!.hotkey;
  const before = await portfolio();
  const page = await open('/staking', charlie);
  await connect(page);
  await page.locator('[data-figure="free"]').waitFor();
  await held(page, charlie.address);

  // Stake: what is reviewed is what happens, to the leaf.
  await page.getByRole('button', { name: `Stake on ${hotkey.slice(0, 6)}` }).click();
  await page.getByLabel('Amount to stake').fill('12.5000000001');
  await page.getByText('would have to be rounded').waitFor();
  await page.getByLabel('Amount to stake').fill('12.500000001');
  await page.getByRole('button', { name: 'Review' }).click();
  await page.getByText('Stake 12.500000001 LRL').waitFor();
  await accessible(page);
  const staking = await review(page);
  expect(staking.From).toBe(charlie.address);
  expect(BigInt(staking.Fee!)).toBeGreaterThan(0n);
  expect(BigInt(staking['Free then']!)).toBe(BigInt(before.free) - 12_500_000_001n - BigInt(staking.Fee!));
  await page.getByRole('button', { name: 'Sign in the wallet' }).click();
  await page.getByText('Done: final in block').waitFor();
  expect(charlie.signed).toHaveLength(1);
  await page.getByRole('button', { name: 'Close', exact: true }).last().click();
  const after = await portfolio();
  // Never more than was foretold.
  expect(BigInt(after.free)).toBeGreaterThanOrEqual(BigInt(staking['Free then']!));
  expect(BigInt(after.free)).toBeLessThan(BigInt(before.free) - 12_500_000_001n);
  expect(BigInt(after.staked)).toBeGreaterThanOrEqual(12_500_000_000n);
  // The page shows it without being loaded again.
  await expect.poll(async () => (await held(page, charlie.address)).free).toBe(after.free);

  // Take a part back: what arrives is what the chain quoted.
  await page.getByRole('button', { name: `Unstake from ${hotkey.slice(0, 6)}` }).click();
  await page.getByLabel('Amount to take back').fill('99999');
  await page.getByText('Your stake is').waitFor();
  await page.getByLabel('Amount to take back').fill('2.5');
  await page.getByRole('button', { name: 'Review' }).click();
  await page.getByText('Take 2.5 LRL back').waitFor();
  const taking = await review(page);
  const quote = await rpc.ask<UnstakeQuote>('laurel_quoteUnstake', charlie.address, hotkey, '2500000000');
  expect(taking['You receive']).toBe(quote.returned);
  await page.getByRole('button', { name: 'Sign in the wallet' }).click();
  await page.getByText('Done: final in block').waitFor();
  await page.getByRole('button', { name: 'Close', exact: true }).last().click();
  const then = await portfolio();
  const received = BigInt(then.free) - BigInt(after.free);
  expect(received).toBeGreaterThanOrEqual(BigInt(taking['You receive']!) - BigInt(taking.Fee!));
  expect(received).toBeLessThan(BigInt(taking['You receive']!));

  // Too little to be a nomination: the chain's error by name, with its remedy, and nothing is paid.
  const refusals = await rpc.ask<Refusal[]>('laurel_refusals');
  await page.getByRole('button', { name: `Stake on ${seats[1]!.hotkey.slice(0, 6)}` }).click();
  await page.getByLabel('Amount to stake').fill('0.000000001');
  await page.getByRole('button', { name: 'Review' }).click();
  await page.getByRole('button', { name: 'Sign in the wallet' }).click();
  const told = await page.getByRole('alert').filter({ hasText: 'Staking.' }).innerText();
  const { name, remedy } = refusals.find((one) => one.pallet === 'Staking' && told.includes(`Staking.${one.name}:`))!;
  expect(told.trim()).toBe(`Staking.${name}: ${remedy}`);
  expect((await portfolio()).free).toBe(then.free);
  await page.getByRole('button', { name: 'Back' }).click();

  // Declined in the wallet: nothing is sent.
  charlie.decline(true);
  await page.getByLabel('Amount to stake').fill('5');
  await page.getByRole('button', { name: 'Review' }).click();
  await page.getByRole('button', { name: 'Sign in the wallet' }).click();
  await page.getByText('the wallet says that you declined').waitFor();
  charlie.decline(false);
  expect((await portfolio()).free).toBe(then.free);
});

test.runIf(PROGRAM)('what a nominator has earned, and what it deposited for a gateway, is what the node tells', async () => {
  const wallet = `${FOLDER}/wallets/nominator`;
  const { seats } = await rpc.ask<Root>('laurel_root');
  await promisify(execFile)(PROGRAM!, ['prepaid', 'deposit', '--chain', NODE, '--wallet', wallet, '--gateway', seats[0]!.hotkey, '--amount', '1.000000001', '--yes'], { timeout: PATIENCE_MS });
  const { address } = JSON.parse(readFileSync(`${wallet}/coldkey.json`, 'utf8')) as { address: string };
  const page = await open(`/staking/${address}`);
  await page.locator('[data-figure="deposited"]').waitFor();
  await held(page, address);
  const { earned } = await rpc.ask<Portfolio>('laurel_portfolio', address);
  expect(BigInt(earned)).toBeGreaterThan(0n);
});

test('why a miner’s answers were worth what they were is what the gateway publishes', async () => {
  const published = async (uid: number) => ((await (await fetch(`${GATEWAY}/laurel/v1/receipts?uid=${uid}&limit=500`)).json()) as { receipts: { block: number; verdict: string; reason: string }[] }).receipts;
  const { neurons } = await rpc.ask<Metagraph>('laurel_metagraph', 1);
  const judged = await vi.waitUntil(
    async () => {
      for (const { uid } of neurons) if ((await published(uid)).length > 0) return { uid };
      return undefined;
    },
    { timeout: PATIENCE_MS, interval: 1_000 },
  );
  const page = await open(`/subnets/1/neurons/${judged!.uid}`);
  await page.getByLabel('Address of a gateway of this subnet').fill(GATEWAY);
  await page.getByRole('button', { name: 'Ask' }).click();
  const rows = page.getByRole('region', { name: 'Receipts' }).locator('tbody tr');
  await rows.first().waitFor();
  const shownRows = (await rows.evaluateAll((all) => all.map((row) => [...row.children].map((cell) => cell.textContent!)))).map(([block, , verdict, , , , reason]) => ({ block: Number(block!.replaceAll(',', '')), verdict, reason }));
  // The gateway has more by now, not less.
  const told = await published(judged!.uid);
  for (const row of shownRows) expect(told).toContainEqual(expect.objectContaining(row));
});

test('what was staked is told on the page of events', async () => {
  const { seats } = await rpc.ask<Root>('laurel_root');
  const page = await open('/events', charlie);
  await connect(page);
  await page.locator('.events li').first().waitFor();
  const other = await open(`/hotkeys/${seats[1]!.hotkey}`, charlie);
  await connect(other);
  await other.getByRole('button', { name: 'Stake on' }).click();
  await other.getByLabel('Amount to stake').fill('3.000000007');
  await other.getByRole('button', { name: 'Review' }).click();
  await other.getByRole('button', { name: 'Sign in the wallet' }).click();
  const event = page.locator('.events li', { hasText: 'StakeAdded' }).filter({ has: page.locator('data[value="3000000007"]') });
  await event.waitFor();
  await event.getByText('final', { exact: true }).waitFor();
  await other.getByText('Done: final in block').waitFor();
});

test('the owner of a seat sets its weights, and others are told that they have none', async () => {
  const owner = await wallet(JSON.parse(readFileSync(`${FOLDER}/wallets/validator-1/coldkey.json`, 'utf8')), 'validator-1');
  const page = await open('/root', owner);
  await connect(page);
  await page.getByRole('button', { name: 'Set root weights' }).click();
  await page.getByLabel('Subnet 1').fill('3');
  await page.getByLabel('Subnet 2').fill('70000');
  await page.getByText('a weight is a whole number from 0 to 65535').waitFor();
  await page.getByLabel('Subnet 2').fill('1');
  await page.getByRole('button', { name: 'Review' }).click();
  await page.getByText('Set root weights on 2 subnets').waitFor();
  await page.getByText('given back when it succeeds').waitFor();
  await page.getByRole('button', { name: 'Sign in the wallet' }).click();
  await page.getByText('Done: final in block').waitFor();
  await page.getByRole('button', { name: 'Close', exact: true }).last().click();
  await page.locator('.matrix td', { hasText: '75.0 %' }).first().waitFor();

  const stranger = await open('/root', charlie);
  await connect(stranger);
  await stranger.getByRole('button', { name: 'Set root weights' }).click();
  await stranger.getByText('owns no root seat').waitFor();
});
