/** One neuron: what the last epoch said of it, what earlier ones said, and why, where a validator publishes that. */
import { useMemo, useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { RpcError } from '../node/connection';
import type { Laurel } from '../node/laurel';
import type { Hex, Metagraph, Neuron } from '../node/types';
import { usePast } from '../state/history';
import { subnetName } from '../state/names';
import { useRead } from '../state/read';
import { Chart } from '../ui/chart';
import { Address, Amount, count, Figure, Proportion, Waiting } from '../ui/figures';
import { Page, Section } from '../ui/page';
import { reach } from '../ui/reach';
import { lastBlocks, SPANS } from './epochs';
import { Reasons } from './reasons';

export default function NeuronPage({ params }: { params: Record<string, string> }) {
  const netuid = Number(params.netuid);
  const uid = Number(params.uid);
  const reading = useRead(`metagraph ${netuid}`, (node, at) => node.metagraph(netuid, at));
  const { error, value } = reading;
  const neuron = value?.neurons.find((one) => one.uid === uid);
  return (
    <Page
      title={`Neuron ${uid}`}
      reading={reading}
      lead={
        <>
          in <Link href={`/subnets/${netuid}`}>{subnetName(netuid)}</Link>
        </>
      }
    >
      {!value && <Waiting error={error} what={`subnet ${netuid}`} />}
      {value && !neuron && <p>Nobody holds uid {uid} in this subnet now.</p>}
      {value && neuron && <Scores metagraph={value} neuron={neuron} />}
      {value && neuron && <History metagraph={value} neuron={neuron} />}
      {neuron && <Reasons netuid={netuid} uid={uid} hotkey={neuron.hotkey} />}
    </Page>
  );
}

function permit({ last_update, scores }: Neuron): string {
  if (!scores.permit) return 'no';
  if (scores.active) return 'yes, and its weights counted';
  return last_update ? 'yes, but its weights were too old to count' : 'yes, but it has set no weights';
}

function Scores({ metagraph: { subnet }, neuron }: { metagraph: Metagraph; neuron: Neuron }) {
  const { axon, scores } = neuron;
  const known = axon && subnet.models.some(({ root }) => root === axon.model);
  return (
    <>
      <dl class="figures">
        <Figure id="incentive" name="Incentive">
          <Proportion value={scores.incentive} />
        </Figure>
        <Figure id="dividends" name="Dividends">
          <Proportion value={scores.dividends} />
        </Figure>
        <Figure id="paid" name="Paid by the last epoch" note={subnet.last_epoch && `epoch ${count(subnet.last_epoch.epoch)}, block ${count(subnet.last_epoch.block)}`}>
          <Amount leaves={scores.emission} digits={9} />
        </Figure>
        <Figure id="stake" name="Stake on the hotkey">
          <Amount leaves={neuron.stake} digits={4} />
        </Figure>
      </dl>
      <dl class="facts two">
        <dt>Hotkey</dt>
        <dd>
          <Address of={neuron.hotkey} full to="hotkey" copy />
        </dd>
        <dt>Coldkey</dt>
        <dd>
          <Address of={neuron.coldkey} full to="coldkey" copy />
        </dd>
        <dt>Registered</dt>
        <dd>in block {count(neuron.registered_at)}</dd>
        <dt>Permit</dt>
        <dd>{permit(neuron)}</dd>
        <dt>Weights</dt>
        <dd>{neuron.last_update ? `fixed in block ${count(neuron.last_update)}` : 'none'}</dd>
        <dt>Serves</dt>
        <dd>{axon ? `at ${axon.address}, until block ${count(axon.expires_at)} unless renewed` : 'nothing now'}</dd>
        {axon && (
          <>
            <dt>Model</dt>
            <dd>
              <code>{axon.model}</code> {!known && <span class="tag bad">not accepted by the subnet</span>}
            </dd>
          </>
        )}
        <dt>Score consensus</dt>
        <dd>
          <Proportion value={scores.consensus} />
        </dd>
        <dt>Trust</dt>
        <dd>
          <Proportion value={scores.trust} />
        </dd>
        <dt>Validator trust</dt>
        <dd>
          <Proportion value={scores.validator_trust} />
        </dd>
        <dt>Share of active stake</dt>
        <dd>
          <Proportion value={scores.stake_weight} />
        </dd>
      </dl>
    </>
  );
}

/** What the neuron was at a block; nothing where somebody else, or nobody, held the uid by this hotkey. */
function asked({ hotkey, registration }: Neuron, netuid: number) {
  return async (node: Laurel, at: Hex): Promise<Neuron | null> => {
    try {
      const then = await node.neuron(netuid, hotkey, at);
      return then.registration === registration ? then : null;
    } catch (error) {
      if (error instanceof RpcError && error.refusal === 'NeuronNotFound') return null;
      throw error;
    }
  };
}

function History({ metagraph: { block, subnet }, neuron }: { metagraph: Metagraph; neuron: Neuron }) {
  const { epoch_started_at, hyperparameters, netuid } = subnet;
  const [every, setEvery] = useState(1);
  const blocks = useMemo(() => lastBlocks(epoch_started_at, hyperparameters.tempo, neuron.registered_at, every), [epoch_started_at, hyperparameters.tempo, neuron.registered_at, every]);
  const past = usePast(`neuron ${netuid} ${neuron.hotkey}`, blocks, asked(neuron, netuid));
  const points = [...past.points, { block, value: neuron }];
  const share = (parts: number) => (parts * 100) / 65_535;
  return (
    <Section title="Past epochs" note={reach(past)}>
      <div class="columns even">
        <Chart
          label={`Incentive and dividends of neuron ${neuron.uid} over past epochs, in percent`}
          blocks={points.map((point) => point.block)}
          series={[
            { name: 'Incentive', values: points.map(({ value }) => share(value.scores.incentive)) },
            { name: 'Dividends', values: points.map(({ value }) => share(value.scores.dividends)) },
          ]}
          show={(value) => `${value.toFixed(2)} %`}
          unit=" %"
        />
        <Chart
          label={`What each past epoch paid for neuron ${neuron.uid}, in LRL`}
          blocks={points.map((point) => point.block)}
          series={[{ name: 'Paid, LRL', values: points.map(({ value }) => Number(value.scores.emission) / 1e9) }]}
          show={(value) => value.toFixed(4)}
        />
      </div>
      <div class="controls small">
        <label>
          Look back
          <select value={every} onChange={({ currentTarget }) => setEvery(Number(currentTarget.value))}>
            {SPANS.map(({ epochs, every }) => (
              <option key={every} value={every}>
                {count(epochs)} epochs{every > 1 ? `, every ${every}th` : ''}
              </option>
            ))}
          </select>
        </label>
      </div>
    </Section>
  );
}
