/** A hotkey: its pool, and where it is registered. */
import { Link } from 'wouter-preact';
import { parts } from '../amounts';
import type { Pool } from '../node/types';
import { subnetName } from '../state/names';
import { useRead } from '../state/read';
import { Address, Amount, blocks, Figure, Waiting } from '../ui/figures';
import { Page, Section } from '../ui/page';
import { StakeButton } from '../wallet/button';

export default function HotkeyPage({ params }: { params: Record<string, string> }) {
  const address = params.address ?? '';
  const reading = useRead(`hotkey ${address}`, (node, at) => node.hotkey(address, at));
  const { block, error, value } = reading;
  return (
    <Page title="Hotkey" lead={<Address of={address} full copy />} reading={reading} actions={value && <StakeButton hotkey={address} />}>
      {value ? <Details pool={value} head={block?.number ?? 0} /> : <Waiting error={error} what="this hotkey" />}
    </Page>
  );
}

function Details({ head, pool }: { pool: Pool; head: number }) {
  return (
    <>
      <dl class="figures">
        <Figure id="pool-stake" name="Stake on it">
          <Amount leaves={pool.stake} digits={9} />
        </Figure>
        <Figure id="take" name="Take" note="the owner’s part of the dividends">
          {parts(pool.take)}
        </Figure>
        <Figure id="released" name="Pays stakers a block" note={pool.stream_ends_at > head ? `for ${blocks(pool.stream_ends_at - head)} more` : 'nothing is on its way'}>
          <Amount leaves={pool.released_per_block} digits={9} />
        </Figure>
        <Figure id="pool-unreleased" name="On its way to stakers">
          <Amount leaves={pool.unreleased} digits={9} />
        </Figure>
      </dl>
      <dl class="facts two">
        <dt>Owner</dt>
        <dd>
          <Address of={pool.coldkey} full to="coldkey" copy />
        </dd>
      </dl>
      <p>
        <Link href={`/calculator/${pool.hotkey}`}>What would staking on it earn?</Link>
      </p>
      <Section title="Registered in">
        {pool.registrations.length === 0 && <p class="muted">No subnet now.</p>}
        <ul class="choices">
          {pool.registrations.map(({ netuid, uid }) => (
            <li key={netuid}>
              <Link href={`/subnets/${netuid}/neurons/${uid}`}>
                {subnetName(netuid)}, uid {uid}
              </Link>
            </li>
          ))}
        </ul>
      </Section>
    </>
  );
}
