/** What an address has: free, staked, on its way, and what each position earned. */
import { useState } from 'preact/hooks';
import { Link, useLocation } from 'wouter-preact';
import { parts } from '../amounts';
import { expect } from '../calculator';
import type { Pool, Portfolio, Stake } from '../node/types';
import { blockMs, type Block } from '../state/chain';
import { useRead } from '../state/read';
import { account } from '../state/wallet';
import { isAddress } from '../node/address';
import { Address, Amount, Figure, Waiting } from '../ui/figures';
import { Page, Section } from '../ui/page';
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
  const { block, error, value } = useRead(`portfolio ${address}`, (node, at) => node.portfolio(address, at));
  if (!value) return <Waiting error={error} what="this address" />;
  return <Holdings portfolio={value} address={address} block={block} />;
}

const sum = (positions: Portfolio['positions'], of: (stake: Stake) => string | undefined): bigint =>
  positions.reduce((total, { stake }) => total + BigInt(of(stake) ?? 0n), 0n);

function Holdings({ address, block, portfolio: { free, positions, staked } }: { address: string; block?: Block; portfolio: Portfolio }) {
  const tells = positions.length > 0 && positions.every(({ stake }) => stake.earned !== undefined);
  return (
    <>
      <dl class="figures" data-block={block?.hash}>
        <Figure id="free" name="Free">
          <Amount leaves={free} digits={9} />
        </Figure>
        <Figure id="staked" name="Staked">
          <Amount leaves={staked} digits={9} />
        </Figure>
        <Figure id="unreleased" name="On its way" note="released with the blocks of the running epoch">
          <Amount leaves={sum(positions, ({ unreleased }) => unreleased)} digits={9} />
        </Figure>
        {tells && (
          <Figure id="earned" name="Earned" note="worth now, less what was put in and not taken out">
            <Amount leaves={sum(positions, ({ earned }) => earned)} digits={9} signed />
          </Figure>
        )}
      </dl>
      <Section title="Positions">
        <Table
          caption={`Stake positions of ${address}`}
          columns={columns(address, tells, blockMs.value)}
          rows={positions}
          rowKey={({ stake }) => stake.hotkey}
          order={{ id: 'stake', descending: true }}
          empty="This address has no stake."
        />
        {positions.length > 0 && !tells && <p class="muted">The node’s runtime does not tell what positions have earned.</p>}
      </Section>
    </>
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

function columns(address: string, tells: boolean, ms: number | undefined): Column<Position>[] {
  const amount = (id: string, header: string, meaning: string, of: (position: Position) => bigint, signed = false): Column<Position> => ({
    id,
    header,
    meaning,
    cell: (position) => <Amount leaves={of(position)} digits={9} unit={false} signed={signed} />,
    by: of,
    align: 'end',
  });
  return [
    { id: 'hotkey', header: 'Hotkey', cell: ({ stake }) => <Address of={stake.hotkey} to="hotkey" />, by: ({ stake }) => stake.hotkey },
    amount('stake', 'Stake', 'What the position is worth, LRL', ({ stake }) => BigInt(stake.stake)),
    ...(tells
      ? [
          amount('principal', 'Put in', 'What was put in less what was taken out, LRL', ({ stake }) => BigInt(stake.principal ?? 0n)),
          amount('earned', 'Earned', 'Worth now, less what was put in and not taken out, LRL', ({ stake }) => BigInt(stake.earned ?? 0n), true),
        ]
      : []),
    amount('unreleased', 'On its way', 'Its part of the pay that is still being released, LRL', ({ stake }) => BigInt(stake.unreleased)),
    amount('daily', 'A day, expected', 'At the rate of now, LRL; see the calculator for what is assumed', (position) => daily(position, ms)),
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
