// Whether polkadot.js works with a Laurel node as it is: no types given, no methods declared, only the node's metadata.
// And whether keys can go from one to the other: `laurel`, beside the node, and polkadot.js open each other's key files.
// Usage: node check.mjs PATH_OF_LAUREL_NODE
// scripts/polkadot-js.sh installs what this imports, and runs it.
import { ApiPromise, Keyring, WsProvider } from '@polkadot/api';
import { findUnknownExtensions } from '@polkadot/types/extrinsic/signedExtensions';
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';

const LRL = 1_000_000_000n;
const ENDOWMENT = 1_000_000n * LRL;
const LAUREL_PALLETS = ['subnets', 'neurons', 'staking', 'scoring', 'root', 'rewards'];
// Most that one check may take, on a busy machine. Blocks come each second and are final two or three later.
const DEADLINE = { timeout: 180_000 };

const binary = process.argv[2];
if (!binary) {
  console.error('usage: node check.mjs PATH_OF_LAUREL_NODE');
  process.exit(2);
}

let node;
let provider;
let api;
let accounts;

/** Starts a development chain on free ports; answers the address of its RPC. */
function startNode() {
  node = spawn(
    binary,
    [
      '--dev',
      // The archive_* methods are there only where every state is kept.
      '--state-pruning=archive',
      '--rpc-port=0',
      '--listen-addr=/ip4/127.0.0.1/tcp/0',
      '--no-prometheus',
      '--no-telemetry',
      '--no-mdns',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  return new Promise((resolve, reject) => {
    const log = [];
    node.on('error', reject);
    node.on('exit', () => reject(new Error(`the node ended:\n${log.join('\n')}`)));
    createInterface({ input: node.stderr }).on('line', (line) => {
      log.push(line);
      const found = /Running JSON-RPC server: addr=([^, ]+)/.exec(line);
      if (found) resolve(`ws://${found[1]}`);
    });
  });
}

/** The first `count` things with which a subscription calls back. */
async function firstOf(count, subscribe) {
  const seen = [];
  let stop;
  await new Promise((resolve, reject) => {
    subscribe((value) => {
      seen.push(value);
      if (seen.length === count) resolve();
    }).then((unsubscribe) => (stop = unsubscribe), reject);
  });
  stop?.();
  return seen.slice(0, count);
}

/** Signs and sends a call and waits until its block is final; throws the name of the error that refused it. */
function send(call, signer) {
  return new Promise((resolve, reject) => {
    const follow = ({ dispatchError, events, isError, status }) => {
      if (dispatchError) reject(new Error(nameOf(dispatchError)));
      else if (isError) reject(new Error(`the pool says ${status.type}`));
      else if (status.isFinalized) resolve({ at: status.asFinalized, events });
    };
    call.signAndSend(signer, follow).catch(reject);
  });
}

function nameOf(dispatchError) {
  if (!dispatchError.isModule) return dispatchError.toString();
  const { section, name } = api.registry.findMetaError(dispatchError.asModule);
  return `${section}.${name}`;
}

/** The fields of an event that must be among these. */
function fields(events, section, method) {
  const names = events.map(({ event }) => `${event.section}.${event.method}`);
  assert.ok(names.includes(`${section}.${method}`), `no ${section}.${method} among ${names.join(', ')}`);
  return events[names.indexOf(`${section}.${method}`)].event.data;
}

/** Follows the chain by `chainHead`: its id, and a wait for the first event of a kind. */
async function follow() {
  const seen = [];
  let wake = () => {};
  const told = (error, event) => {
    seen.push(error ?? event);
    wake();
  };
  const id = await provider.subscribe('chainHead_v1_followEvent', 'chainHead_v1_follow', [true], told);
  const event = async (kind) => {
    for (;;) {
      const found = seen.find((one) => one instanceof Error || one.event === kind);
      if (found instanceof Error) throw found;
      if (found) return found;
      await new Promise((resolve) => (wake = resolve));
    }
  };
  return { id, event };
}

const free = async (account) => (await api.query.system.account(account.address)).data.free.toBigInt();

before(async () => {
  provider = new WsProvider(await startNode());
  api = await ApiPromise.create({ provider, noInitWarn: true, throwOnConnect: true });
  const sr25519 = new Keyring({ type: 'sr25519' });
  accounts = {
    alice: sr25519.addFromUri('//Alice'),
    bob: sr25519.addFromUri('//Bob'),
    hotkey: sr25519.addFromUri('//Hotkey'),
    ed25519: new Keyring({ type: 'ed25519' }).addFromUri('//Other'),
    ecdsa: new Keyring({ type: 'ecdsa' }).addFromUri('//Third'),
  };
}, DEADLINE);

after(async () => {
  await api?.disconnect();
  if (node && node.exitCode === null) {
    const ended = once(node, 'exit');
    node.kill('SIGTERM');
    await ended;
  }
});

test('it connects, and metadata and properties say what the chain is', DEADLINE, async () => {
  assert.equal(api.runtimeVersion.specName.toString(), 'laurel');
  assert.equal(api.runtimeChain.toString(), 'Laurel Development');
  assert.deepEqual([api.registry.chainSS58, api.registry.chainTokens, api.registry.chainDecimals], [42, ['LRL'], [9]]);
  const versions = (await api.call.metadata.metadataVersions()).map((version) => version.toNumber());
  for (const version of [14, 15]) assert.ok(versions.includes(version), `metadata ${version} is not among ${versions}`);
  for (const pallet of LAUREL_PALLETS) assert.ok(api.query[pallet], `${pallet} is not in the metadata`);
});

test('what polkadot.js does not know of a transaction carries nothing', DEADLINE, async () => {
  const unknown = findUnknownExtensions(api.registry.signedExtensions);
  const { extrinsic } = api.registry.metadata;
  for (const { additionalSigned, identifier, implicit, type } of extrinsic.signedExtensions ?? extrinsic.transactionExtensions) {
    if (!unknown.includes(identifier.toString())) continue;
    for (const part of [type, additionalSigned ?? implicit]) {
      assert.equal(api.registry.lookup.getTypeDef(part).type, 'Null', `${identifier}`);
    }
  }
});

test('every constant decodes', DEADLINE, async () => {
  const constants = Object.values(api.consts).flatMap((pallet) => Object.values(pallet));
  for (const constant of constants) assert.notEqual(JSON.stringify(constant.toHuman()), undefined);
  assert.equal(api.consts.aura.slotDuration.toNumber(), 1_000);
});

test('an account reads as endowed, and as nothing where there is none', DEADLINE, async () => {
  const { data, nonce } = await api.query.system.account(accounts.alice.address);
  assert.equal(data.free.toBigInt(), ENDOWMENT);
  assert.equal(nonce.toNumber(), 0);
  assert.equal(await free(accounts.hotkey), 0n);
  const all = await api.derive.balances.all(accounts.alice.address);
  assert.equal(all.transferable.toBigInt(), ENDOWMENT);
});

test('new and finalised heads arrive in order, with the hashes that the node gives them', DEADLINE, async () => {
  const [heads, final, derived] = await Promise.all([
    firstOf(3, (callback) => api.rpc.chain.subscribeNewHeads(callback)),
    firstOf(3, (callback) => api.rpc.chain.subscribeFinalizedHeads(callback)),
    firstOf(2, (callback) => api.derive.chain.subscribeNewHeads(callback)),
  ]);
  for (const seen of [heads, final, derived]) {
    const numbers = seen.map((head) => head.number.toNumber());
    // Several blocks can become final at once; then only the last is told.
    for (let i = 1; i < numbers.length; i += 1) assert.ok(numbers[i] > numbers[i - 1], `${numbers}`);
    for (const head of seen) assert.equal((await api.rpc.chain.getBlockHash(head.number)).toHex(), head.hash.toHex());
  }
});

test('a transfer is signed, paid for as foretold, and arrives', DEADLINE, async () => {
  const { bob, hotkey } = accounts;
  const transfer = api.tx.balances.transferKeepAlive(hotkey.address, 5n * LRL);
  const { partialFee } = await transfer.paymentInfo(bob);
  const { events } = await send(transfer, bob);
  const { from, amount } = fields(events, 'balances', 'Transfer');
  assert.equal(from.toString(), bob.address);
  assert.equal(amount.toBigInt(), 5n * LRL);
  const paid = fields(events, 'transactionPayment', 'TransactionFeePaid').actualFee.toBigInt();
  assert.ok(paid > 0n && paid <= partialFee.toBigInt(), `${paid} paid, ${partialFee.toBigInt()} foretold`);
  assert.equal(await free(bob), ENDOWMENT - 5n * LRL - paid);
  assert.equal(await free(hotkey), 5n * LRL);
  assert.equal((await api.rpc.system.accountNextIndex(bob.address)).toNumber(), 1);
});

test('a batch creates a subnet, registers in it, stakes, and funds keys of the other kinds', DEADLINE, async () => {
  const { alice, ecdsa, ed25519, hotkey } = accounts;
  const lock = await api.call.laurelApi.quoteCreateSubnet();
  const models = [
    { root: `0x${'07'.repeat(32)}`, kind: 'Text', context: 256, tokenizer: `0x${'08'.repeat(32)}`, sampler: 1 },
  ];
  // An unknown hotkey signs that it wants to belong to the coldkey.
  const belongs = [Buffer.from('laurel/own/1'), api.genesisHash.toU8a(), hotkey.publicKey, alice.publicKey];
  const consent = `0x${Buffer.from(hotkey.sign(Buffer.concat(belongs))).toString('hex')}`;
  const { at, events } = await send(
    api.tx.utility.batchAll([
      api.tx.subnets.createSubnet(lock),
      api.tx.subnets.setModels(1, models),
      api.tx.neurons.burnedRegister(1, hotkey.address, 10n * LRL, consent),
      api.tx.staking.addStake(hotkey.address, 1_000n * LRL),
      ...[hotkey, ed25519, ecdsa].map((key) => api.tx.balances.transferKeepAlive(key.address, 10n * LRL)),
    ]),
    alice,
  );
  fields(events, 'utility', 'BatchCompleted');
  fields(events, 'subnets', 'SubnetCreated');
  fields(events, 'neurons', 'NeuronRegistered');
  fields(events, 'staking', 'StakeAdded');

  const then = await api.at(at);
  const subnet = (await then.query.subnets.subnets(1)).unwrap();
  assert.equal(subnet.owner.toString(), alice.address);
  assert.deepEqual((await then.query.subnets.acceptedModels(1)).toJSON(), models);
  assert.equal((await then.query.neurons.neurons(1, 0)).unwrap().hotkey.toString(), hotkey.address);
  assert.equal((await then.query.neurons.uids(hotkey.address, 1)).unwrap().toNumber(), 0);
  // Staking knows coldkeys by number.
  const { owner } = (await then.query.staking.hotkeys(hotkey.address)).unwrap();
  assert.equal((await then.query.staking.coldkeyIds(alice.address)).unwrap().toNumber(), owner.toNumber());
});

test('a hotkey publishes where it serves', DEADLINE, async () => {
  const { hotkey } = accounts;
  const publish = api.tx.neurons.publishAxon(1, { V4: [[127, 0, 0, 1], 9_990] }, 1, `0x${'07'.repeat(32)}`);
  await send(publish, hotkey);
  const axon = (await api.query.neurons.axons(1, 0)).unwrap();
  assert.deepEqual(axon.address.toJSON(), { v4: ['0x7f000001', 9_990] });
});

test('keys of ed25519 and ECDSA sign too', DEADLINE, async () => {
  const { alice, ecdsa, ed25519 } = accounts;
  await Promise.all([ed25519, ecdsa].map((key) => send(api.tx.balances.transferKeepAlive(alice.address, LRL), key)));
});

test('a refused call is refused by its name', DEADLINE, async () => {
  const { alice, hotkey } = accounts;
  const again = api.tx.neurons.burnedRegister(1, hotkey.address, 10n * LRL, null);
  // The pool foresees it, and answers with the number of the error that the block would have met.
  const refused = await send(api.tx.utility.batchAll([again]), alice).catch((error) => error.message);
  const [, code] = /1010: Invalid Transaction: Custom error: (\d+)/.exec(refused) ?? assert.fail(String(refused));
  const table = await provider.send('laurel_refusals', []);
  const { pallet, name } = table.find((refusal) => refusal.code === Number(code));
  assert.equal(`${pallet}.${name}`, 'Neurons.AlreadyRegistered');
  const nothing = new Keyring({ type: 'sr25519' }).addFromUri('//Nobody');
  await assert.rejects(send(api.tx.system.remark('0x00'), nothing), { message: /1010.*balance|fees/i });
});

test('every storage of every pallet reads and decodes', DEADLINE, async () => {
  let entries = 0;
  for (const pallet of Object.values(api.query)) {
    for (const item of Object.values(pallet)) {
      if (item.creator.meta.type.isMap) {
        for (const [key, value] of await item.entries()) {
          assert.ok(key.args.length > 0);
          assert.notEqual(JSON.stringify(value.toHuman()), undefined);
          entries += 1;
        }
      } else {
        assert.notEqual(JSON.stringify((await item()).toHuman()), undefined);
      }
    }
  }
  assert.ok(entries > 10, `only ${entries} entries were there`);
});

test('runtime calls answer, and state_call gives the same bytes', DEADLINE, async () => {
  const { alice, hotkey } = accounts;
  const at = await api.rpc.chain.getBlockHash();
  const then = await api.at(at);
  const laurel = then.call.laurelApi;
  assert.equal((await laurel.subnets())[0].netuid.toNumber(), 1);
  const metagraph = (await laurel.metagraph(1)).unwrap();
  assert.equal(metagraph.neurons[0].hotkey.toString(), hotkey.address);
  assert.ok((await laurel.metagraph(9)).isNone);
  assert.equal((await laurel.weights(1)).length, 0);
  assert.equal((await laurel.root()).seats.length, 0);
  assert.equal((await laurel.stakeOf(alice.address))[0].hotkey.toString(), hotkey.address);
  assert.equal((await laurel.hotkey(hotkey.address)).unwrap().registrations.length, 1);
  assert.ok((await laurel.quoteRegister(1)).unwrap().toBigInt() > 0n);
  assert.ok((await laurel.quoteCreateSubnet()).toBigInt() > 0n);
  const supply = await laurel.supply();
  assert.equal(supply.issuance.toBigInt(), (await then.query.balances.totalIssuance()).toBigInt());

  assert.equal((await then.call.auraApi.slotDuration()).toNumber(), 1_000);
  assert.equal((await then.call.grandpaApi.grandpaAuthorities()).length, 1);
  const { nonce } = await then.query.system.account(alice.address);
  assert.equal((await then.call.accountNonceApi.accountNonce(alice.address)).toNumber(), nonce.toNumber());
  assert.ok((await then.call.transactionPaymentApi.queryLengthToFee(100)).toBigInt() > 0n);

  const bytes = await api.rpc.state.call('LaurelApi_supply', '0x', at);
  assert.equal(bytes.toHex(), supply.toHex());
});

test('the laurel_* methods answer', DEADLINE, async () => {
  const [subnet] = await provider.send('laurel_subnets', []);
  assert.equal(subnet.netuid, 1);
  assert.equal((await provider.send('laurel_metagraph', [1])).neurons[0].hotkey, accounts.hotkey.address);
  await assert.rejects(provider.send('laurel_metagraph', [9]), /no subnet|SubnetNotFound/i);
});

test('the newer interfaces of the node answer: archive, chainHead, chainSpec', DEADLINE, async () => {
  const genesis = api.genesisHash.toHex();
  assert.equal(await provider.send('chainSpec_v1_genesisHash', []), genesis);
  assert.equal(await provider.send('archive_v1_genesisHash', []), genesis);
  const height = await provider.send('archive_v1_finalizedHeight', []);
  const [hash] = await provider.send('archive_v1_hashByHeight', [height]);
  const header = api.createType('Header', await provider.send('archive_v1_header', [hash]));
  assert.equal(header.hash.toHex(), hash);
  assert.ok((await provider.send('archive_v1_body', [hash])).length > 0);

  const followed = await follow();
  const { finalizedBlockHashes, finalizedBlockRuntime } = await followed.event('initialized');
  assert.equal(finalizedBlockRuntime.spec.specName, 'laurel');
  const pinned = finalizedBlockHashes.at(-1);
  assert.ok(await provider.send('chainHead_v1_header', [followed.id, pinned]));
  const call = await provider.send('chainHead_v1_call', [followed.id, pinned, 'LaurelApi_supply', '0x']);
  assert.equal(call.result, 'started');
  const done = await followed.event('operationCallDone');
  assert.equal(done.operationId, call.operationId);
  assert.equal(done.output, (await (await api.at(pinned)).call.laurelApi.supply()).toHex());
  await provider.unsubscribe('chainHead_v1_followEvent', 'chainHead_v1_unfollow', followed.id);
});

test('every block from genesis on decodes: its transactions, its events, its header', DEADLINE, async () => {
  const best = (await api.rpc.chain.getHeader()).number.toNumber();
  let signed = 0;
  for (let number = 0; number <= best; number += 1) {
    const at = await api.rpc.chain.getBlockHash(number);
    const { block } = await api.rpc.chain.getBlock(at);
    assert.equal(block.header.hash.toHex(), at.toHex());
    // Encoding again what was decoded gives the root that the header names: nothing was read wrong.
    const bodies = await provider.send('chain_getBlock', [at.toHex()]);
    assert.deepEqual(block.extrinsics.map((extrinsic) => extrinsic.toHex()), bodies.block.extrinsics);
    signed += block.extrinsics.filter((extrinsic) => extrinsic.isSigned).length;
    const events = await (await api.at(at)).query.system.events();
    const outcomes = events.filter(({ event }) => event.section === 'system' && /^Extrinsic/.test(event.method));
    assert.equal(outcomes.length, block.extrinsics.length, `block ${number}`);
  }
  assert.equal(signed, 5);
});

const PASSWORD = 'a password of both';

/** Runs `laurel` in a folder; its document. */
function laurel(folder, ...args) {
  const environment = { ...process.env, LAUREL_PASSWORD: PASSWORD };
  delete environment.LAUREL_PASSWORD_FILE;
  delete environment.LAUREL_WALLET;
  const program = join(dirname(binary), 'laurel');
  return JSON.parse(execFileSync(program, [...args, '--json'], { cwd: folder, env: environment, encoding: 'utf8' }));
}

/** Runs a check in a folder of its own. */
async function inFolder(check) {
  const folder = mkdtempSync(join(tmpdir(), 'laurel-keys-'));
  try {
    await check(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const wrapped = (message) => Buffer.from(`<Bytes>${message}</Bytes>`);

test('polkadot.js opens the keys that laurel makes', DEADLINE, () =>
  inFolder((folder) => {
    const { created } = laurel(folder, 'wallet', 'create', '--wallet=w', '--plain-hotkey', '--words=24');
    const keyring = new Keyring({ type: 'sr25519' });
    const read = (file) => keyring.addFromJson(JSON.parse(readFileSync(join(folder, 'w', file), 'utf8')));
    const [coldkey, hotkey] = [read('coldkey.json'), read('hotkeys/default.json')];
    assert.throws(() => coldkey.unlock('another password'));
    coldkey.unlock(PASSWORD);
    hotkey.unlock();
    for (const [pair, { address, phrase }] of [[coldkey, created[0]], [hotkey, created[1]]]) {
      assert.equal(pair.address, address);
      assert.equal(new Keyring({ type: 'sr25519' }).addFromUri(phrase).address, address);
      assert.ok(pair.verify('message', pair.sign('message'), pair.publicKey));
    }
    const { signature } = laurel(folder, 'wallet', 'sign', '--wallet=w', '--message=a message');
    assert.ok(coldkey.verify(wrapped('a message'), signature, coldkey.publicKey));
  }),
);

test('laurel opens the keys that polkadot.js exports', DEADLINE, () =>
  inFolder((folder) => {
    const keyring = new Keyring({ type: 'sr25519', ss58Format: 0 });
    for (const [name, uri, password] of [['hard', '//Alice//hard', PASSWORD], ['soft', '//Alice/soft', PASSWORD], ['plain', '//Plain', undefined]]) {
      const pair = keyring.addFromUri(uri, { name });
      writeFileSync(join(folder, name), JSON.stringify(pair.toJson(password)), { mode: 0o600 });
      const imported = laurel(folder, 'wallet', 'import', `--key-file=${name}`, `--wallet=${name}-wallet`);
      const address = new Keyring({ type: 'sr25519' }).encodeAddress(pair.publicKey);
      assert.equal(imported.created[0].address, address);
      const { signature } = laurel(folder, 'wallet', 'sign', `--wallet=${name}-wallet`, '--message=a message');
      assert.ok(pair.verify(wrapped('a message'), signature, pair.publicKey));
      const ours = `0x${Buffer.from(pair.sign(wrapped('another'))).toString('hex')}`;
      laurel(folder, 'wallet', 'verify', `--by=${address}`, `--signature=${ours}`, '--message=another');
    }
    const ed25519 = new Keyring({ type: 'ed25519' }).addFromUri('//Alice');
    writeFileSync(join(folder, 'ed25519'), JSON.stringify(ed25519.toJson(PASSWORD)), { mode: 0o600 });
    const refused = () => laurel(folder, 'wallet', 'import', '--key-file=ed25519', '--wallet=never');
    assert.throws(refused, ({ stdout }) => /ed25519.*not sr25519/.test(JSON.parse(stdout).error.message));
  }),
);
