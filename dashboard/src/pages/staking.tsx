/** What an address has: free, staked, on its way, what each position earned, and deposits for gateways. */
import { useState } from 'preact/hooks';
import { Link, useLocation } from 'wouter-preact';
import { parts } from '../amounts';
import { expect } from '../calculator';
import type { Pool, Portfolio, Prepaid, Stake } from '../node/types';
import { blockMs } from '../state/chain';
import { useRead } from '../state/read';
import { account } from '../state/wallet';
import { isAddress } from '../node/address';
import { Address, Amount, count, Figure, Waiting } from '../ui/figures';
import { Outdated, Page, Section } from '../ui/page';
import { Table, type Column } from '../ui/table';
import { StakeButton, UnstakeButton } from '../wallet/button';
import { Validators } from './validators';

export default function StakingPage({ params }: { params: Record<string, string> }) {
  const address = params.address ?? account.value?.address;
  return (
    <Page title="Staking" lead={address ? <Address of={address} full copy /> : 'Who backs a hotkey shares what it earns. Look an address up, or connect a wallet.'}>
      <Lookup address={params.address ?? ''} />
      {address && <Positions key={address} address={address} />}
      <Section title="Root seats" note="The hotkeys with the most to say, and what staking on them pays now. Any hotkey can be staked on; its page has a button too.">
        <Validators />
      </Section>
    </Page>
  );
}

function Lookup({ address }: { address: string }) {
  const [text, setText] = useState(address);
  const [fault, setFault] = useState<string>();
  const [, go] = useLocation();
  const submit = (event: Event) => {
    event.preventDefault();
    const wanted = text.trim();
    if (!isAddress(wanted)) return setFault('This is no address: it has 47 or 48 letters and digits and begins with 5.');
    setFault(undefined);
    go(`/staking/${wanted}`);
  };
  return (
    <form class="controls" onSubmit={submit} noValidate role="search">
      <label class="grow">
        Address of a coldkey
        <input
          type="search"
          value={text}
          spellcheck={false}
          autocomplete="off"
          placeholder="5…"
          aria-invalid={fault ? 'true' : undefined}
          aria-describedby={fault ? 'address-fault' : undefined}
          onInput={({ currentTarget }) => setText(currentTarget.value)}
        />
      </label>
      <button type="submit">Look up</button>
      {fault && (
        <p id="address-fault" class="fault" role="alert">
          {fault}
        </p>
      )}
    </form>
  );
}

function Positions({ address }: { address: string }) {
  const reading = useRead(`holdings ${address}`, (node, at) => Promise.all([node.portfolio(address, at), node.prepaidBy(address, at)]));
  const { block, error, value } = reading;
  if (!value) return <Waiting error={error} what="this address" />;
  const [portfolio, deposits] = value;
  return (
    <>
      <Outdated reading={reading} />
      <dl class="figures" data-block={block?.hash}>
        <Holdings portfolio={portfolio} deposits={deposits} />
      </dl>
      <Section title="Positions">
        <Table
          caption={`Stake positions of ${address}`}
          columns={columns(address, blockMs.value)}
          rows={portfolio.positions}
          rowKey={({ stake }) => stake.hotkey}
          order={{ id: 'stake', descending: true }}
          empty="This address has no stake."
        />
      </Section>
      {deposits.length > 0 && <Deposits address={address} deposits={deposits} />}
    </>
  );
}

const sum = <Item,>(items: Item[], of: (item: Item) => string): bigint => items.reduce((total, item) => total + BigInt(of(item)), 0n);

function Holdings({ deposits, portfolio: { earned, free, positions, staked } }: { portfolio: Portfolio; deposits: Prepaid[] }) {
  return (
    <>
      <Figure id="free" name="Free">
        <Amount leaves={free} digits={9} />
      </Figure>
      <Figure id="staked" name="Staked">
        <Amount leaves={staked} digits={9} />
      </Figure>
      <Figure id="unreleased" name="On its way" note="released with the blocks of the running epoch">
        <Amount leaves={sum(positions, ({ stake }) => stake.unreleased)} digits={9} />
      </Figure>
      <Figure id="earned" name="Earned" note="worth now, less what was put in and not taken out">
        <Amount leaves={earned} digits={9} signed />
      </Figure>
      {deposits.length > 0 && (
        <Figure id="deposited" name="Deposited for gateways">
          <Amount leaves={sum(deposits, ({ amount }) => amount)} digits={9} />
        </Figure>
      )}
    </>
  );
}

const DEPOSITS: Column<Prepaid>[] = [
  { id: 'gateway', header: 'Gateway', meaning: 'The hotkey that may draw', cell: ({ gateway }) => <Address of={gateway} to="hotkey" />, by: ({ gateway }) => gateway },
  exact('amount', 'Deposited', 'What is held for the gateway, LRL', ({ amount }) => BigInt(amount)),
  exact('drawable', 'Can be drawn', 'What of it the gateway can draw now, LRL', ({ drawable }) => BigInt(drawable)),
  exact('announced', 'Announced', 'What was announced to be taken back, LRL', ({ announced }) => BigInt(announced)),
  { id: 'free-at', header: 'Free in block', meaning: 'From there on what was announced can be taken back', cell: ({ free_at }) => (free_at === null ? '–' : count(free_at)), by: ({ free_at }) => free_at ?? 0, align: 'end' },
  exact('record', 'For the record', 'Held besides for as long as there is a deposit, LRL', ({ record_deposit }) => BigInt(record_deposit)),
];

function Deposits({ address, deposits }: { address: string; deposits: Prepaid[] }) {
  return (
    <Section title="Deposits for gateways" note="What its requests are paid from. The laurel prepaid command makes them and takes them back.">
      <Table caption={`Deposits of ${address}`} columns={DEPOSITS} rows={deposits} rowKey={({ gateway }) => gateway} order={{ id: 'amount', descending: true }} empty="" />
    </Section>
  );
}

interface Position {
  stake: Stake;
  pool: Pool;
}

function daily({ pool, stake }: Position, ms: number | undefined): bigint {
  return expect({
    pool: { stake: BigInt(pool.stake), releasedPerBlock: BigInt(pool.released_per_block) },
    held: BigInt(stake.stake),
    added: 0n,
    blockMs: ms ?? 0,
  }).perDay;
}

/** A column of amounts with all decimals. */
function exact<Row>(id: string, header: string, meaning: string, of: (row: Row) => bigint, signed = false): Column<Row> {
  return { id, header, meaning, cell: (row) => <Amount leaves={of(row)} digits={9} unit={false} signed={signed} />, by: of, align: 'end' };
}

function columns(address: string, ms: number | undefined): Column<Position>[] {
  return [
    { id: 'hotkey', header: 'Hotkey', cell: ({ stake }) => <Address of={stake.hotkey} to="hotkey" />, by: ({ stake }) => stake.hotkey },
    exact('stake', 'Stake', 'What the position is worth, LRL', ({ stake }) => BigInt(stake.stake)),
    exact('principal', 'Put in', 'What was put in less what was taken out, LRL', ({ stake }) => BigInt(stake.principal)),
    exact('earned', 'Earned', 'Worth now, less what was put in and not taken out, LRL', ({ stake }) => BigInt(stake.earned), true),
    exact('unreleased', 'On its way', 'Its part of the pay that is still being released, LRL', ({ stake }) => BigInt(stake.unreleased)),
    exact('daily', 'A day, expected', 'At the rate of now, LRL; see the calculator for what is assumed', (position) => daily(position, ms)),
    { id: 'take', header: 'Take', meaning: 'The owner’s part of the dividends', cell: ({ pool }) => parts(pool.take), by: ({ pool }) => pool.take, align: 'end' },
    {
      id: 'actions',
      header: 'Actions',
      cell: ({ stake }) => (
        <span class="actions">
          <Link href={`/calculator/${stake.hotkey}`}>Calculate</Link>
          <StakeButton hotkey={stake.hotkey} label="Stake more" />
          <UnstakeButton hotkey={stake.hotkey} coldkey={address} />
        </span>
      ),
    },
  ];
}
