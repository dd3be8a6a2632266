/** The dialog from the wish to the signature: what is wanted, what exactly will happen, how far it is. */
import { Fragment, type ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { chainName } from '../state/chain';
import { nodeUrl } from '../state/settings';
import { account } from '../state/wallet';
import { Address, Amount, count } from '../ui/figures';
import { Icon } from '../ui/icons';
import { intent, type Intent } from './intent';
import { StakeForm } from './stake';
import type { Call, Progress } from './transactions';
import { UnstakeForm } from './unstake';
import { VoteForm } from './vote';

/** What is about to be signed, with all that follows from it. */
export interface Plan {
  call: Call;
  /** In words, for the head of the review: `Stake 1.5 LRL`. */
  title: string;
  /** What will happen, name by name. */
  lines: [string, ComponentChildren][];
  fee: bigint;
  /** Whether the chain gives the fee back when the call succeeds. */
  feeReturned?: boolean;
}

type Step = { at: 'form' } | { at: 'review'; plan: Plan } | { at: 'working'; plan: Plan; progress: Progress; block?: number } | { at: 'done'; plan: Plan; block?: number } | { at: 'failed'; plan: Plan; why: string };

const TITLES: Record<Intent['kind'], string> = { stake: 'Stake', unstake: 'Unstake', vote: 'Set root weights' };

export default function Signing() {
  const dialog = useRef<HTMLDialogElement>(null);
  const wanted = intent.value;
  useEffect(() => {
    if (wanted) dialog.current?.showModal();
    else dialog.current?.close();
  }, [wanted]);
  const close = () => {
    intent.value = undefined;
  };
  return (
    <dialog ref={dialog} class="signing" aria-labelledby="signing-title" onClose={close}>
      <header class="dialog-head">
        <h2 id="signing-title">{wanted ? TITLES[wanted.kind] : ''}</h2>
        <button type="button" class="quiet icon" aria-label="Close" onClick={close}>
          <Icon name="close" />
        </button>
      </header>
      {wanted && account.value && <Steps wanted={wanted} from={account.value.address} onClose={close} />}
    </dialog>
  );
}

function Steps({ from, onClose, wanted }: { wanted: Intent; from: string; onClose: () => void }) {
  const [step, setStep] = useState<Step>({ at: 'form' });
  const review = (plan: Plan) => setStep({ at: 'review', plan });
  const sign = async (plan: Plan) => {
    const signer = account.peek()?.polkadotSigner;
    if (!signer) return;
    setStep({ at: 'working', plan, progress: 'sign' });
    let at: number | undefined;
    try {
      const { send } = await import('./transactions');
      await send(plan.call, signer, (progress, block) => {
        at = block ?? at;
        setStep({ at: 'working', plan, progress, block });
      });
      setStep({ at: 'done', plan, block: at });
    } catch (error) {
      setStep({ at: 'failed', plan, why: error instanceof Error ? error.message : String(error) });
    }
  };
  return (
    <>
      <div hidden={step.at !== 'form'}>
        {wanted.kind === 'stake' && <StakeForm from={from} hotkey={wanted.hotkey} initial={wanted.amount} onReview={review} />}
        {wanted.kind === 'unstake' && <UnstakeForm from={from} hotkey={wanted.hotkey} onReview={review} />}
        {wanted.kind === 'vote' && <VoteForm from={from} root={wanted.root} subnets={wanted.subnets} onReview={review} />}
      </div>
      {step.at !== 'form' && <Review plan={step.plan} from={from} />}
      {step.at === 'review' && (
        <div class="dialog-foot">
          <button type="button" onClick={() => setStep({ at: 'form' })}>
            Back
          </button>
          <button type="button" class="primary" ref={(button) => button?.focus()} onClick={() => void sign(step.plan)}>
            Sign in the wallet
          </button>
        </div>
      )}
      <div role="status" class="progress">
        {step.at === 'working' && <Track progress={step.progress} block={step.block} />}
        {step.at === 'done' && (
          <p class="notice good">
            <Icon name="check" />
            Done: final in block {step.block === undefined ? '–' : count(step.block)}.
          </p>
        )}
      </div>
      {step.at === 'failed' && (
        <div class="notice bad" role="alert">
          <Icon name="warning" />
          <p>{step.why}</p>
        </div>
      )}
      {(step.at === 'done' || step.at === 'failed') && (
        <div class="dialog-foot">
          {step.at === 'failed' && (
            <button type="button" onClick={() => setStep({ at: 'form' })}>
              Back
            </button>
          )}
          <button type="button" class="primary" onClick={onClose}>
            Close
          </button>
        </div>
      )}
    </>
  );
}

const STAGES: [Progress, string][] = [
  ['sign', 'Waiting for your signature in the wallet'],
  ['sent', 'Sent to the network'],
  ['included', 'In a block'],
  ['final', 'Final'],
];

function Track({ block, progress }: { progress: Progress; block?: number }) {
  const now = STAGES.findIndex(([name]) => name === progress);
  return (
    <ol class="track">
      {STAGES.map(([name, title], i) => (
        <li key={name} aria-current={i === now ? 'step' : undefined} class={i < now ? 'past' : ''}>
          {title}
          {name === 'included' && i <= now && block !== undefined ? ` (${count(block)})` : ''}
        </li>
      ))}
    </ol>
  );
}

function Review({ from, plan }: { plan: Plan; from: string }) {
  return (
    <>
      <p class="review-title">{plan.title}</p>
      <dl class="facts review">
        <dt>From</dt>
        <dd>
          <Address of={from} full />
        </dd>
        {plan.lines.map(([name, value]) => (
          <Fragment key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </Fragment>
        ))}
        <dt>Fee</dt>
        <dd>
          <Amount leaves={plan.fee} digits={9} /> {plan.feeReturned && <span class="muted">given back when it succeeds</span>}
        </dd>
        <dt>Chain</dt>
        <dd>
          {chainName.value} <span class="muted">by {nodeUrl.value}</span>
        </dd>
      </dl>
    </>
  );
}
