import type { ComponentType } from 'preact';
import { lazy, Suspense } from 'preact/compat';
import { Route, Router, Switch } from 'wouter-preact';
import { useHashLocation } from 'wouter-preact/use-hash-location';
import { Overview } from './pages/overview';
import { Subnets } from './pages/subnets';
import { Bar, Lost } from './ui/bar';
import { Page } from './ui/page';
import { intent } from './wallet/intent';

/** Pages that come when they are opened. */
const SubnetPage = lazy(() => import('./pages/subnet'));
const NeuronPage = lazy(() => import('./pages/neuron'));
const RootPage = lazy(() => import('./pages/root'));
const StakingPage = lazy(() => import('./pages/staking'));
const HotkeyPage = lazy(() => import('./pages/hotkey'));
const CalculatorPage = lazy(() => import('./pages/calculator'));
const EventsPage = lazy(() => import('./pages/events'));
const Signing = lazy(() => import('./wallet/dialog'));

type Place = ComponentType<{ params: Record<string, string> }>;

const ROUTES: [string, Place][] = [
  ['/', Overview],
  ['/subnets', Subnets],
  ['/subnets/:netuid', SubnetPage as Place],
  ['/subnets/:netuid/neurons/:uid', NeuronPage as Place],
  ['/root', RootPage as Place],
  ['/staking', StakingPage as Place],
  ['/staking/:address', StakingPage as Place],
  ['/hotkeys/:address', HotkeyPage as Place],
  ['/calculator', CalculatorPage as Place],
  ['/calculator/:address', CalculatorPage as Place],
  ['/events', EventsPage as Place],
];

export function App() {
  return (
    <Router hook={useHashLocation}>
      <a
        class="skip"
        href="#main"
        onClick={(event) => {
          // The address behind # is the route, so the jump is made here.
          event.preventDefault();
          document.getElementById('main')?.focus();
        }}
      >
        To the content
      </a>
      <Bar />
      <Lost />
      <main id="main" tabIndex={-1}>
        <Suspense fallback={<p class="waiting">Loading …</p>}>
          <Switch>
            {ROUTES.map(([path, Component]) => (
              <Route key={path} path={path}>
                {(params) => <Component key={JSON.stringify(params)} params={params as Record<string, string>} />}
              </Route>
            ))}
            <Route>
              <Page title="There is no such page">
                <p>The address may be mistyped. Choose a page above.</p>
              </Page>
            </Route>
          </Switch>
        </Suspense>
      </main>
      <footer>
        <p>All figures come from the node named above, at its best block. Amounts are exact; where decimals are left out, they are cut off, not rounded, and the title has them all.</p>
      </footer>
      {intent.value && (
        <Suspense fallback={null}>
          <Signing />
        </Suspense>
      )}
    </Router>
  );
}
