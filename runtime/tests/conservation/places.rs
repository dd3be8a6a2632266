//! Calls about subnets and the places in them.
use crate::{
    calls::netuid as netuid_at,
    cast::{cold, consent, hot},
    step::Act,
};
use laurel_runtime::{genesis, AccountId, Neurons, Runtime, RuntimeCall, Subnets, System};
use laurel_types::{
    meets_difficulty, seal_preimage, work_preimage, AcceptedModel, AxonAddress, Balance, Hyperparameter,
    Hyperparameters, ModelKind, ModelRoot, NetUid, TokenizerRoot, Work, LRL,
};
use pallet_laurel_subnets::{Identity, SubnetSettings, Text};
use sp_io::hashing::blake2_256;

/// The model that every subnet can accept.
const MODEL: ModelRoot = ModelRoot([1; 32]);
/// Nonces that are tried for a registration by work; with some luck enough for the least difficulty.
const TRIES: u64 = 4_000;

pub fn of_neurons(actor: &AccountId, act: Act) -> pallet_laurel_neurons::Call<Runtime> {
    use pallet_laurel_neurons::Call;
    match act {
        Act::Register {
            netuid,
            hotkey,
            max_price,
        } => {
            let (netuid, hotkey) = (netuid_at(netuid), hot(hotkey));
            Call::burned_register {
                netuid,
                max_price: max_price.of(Neurons::quote_at(netuid, System::block_number()).unwrap_or(LRL)),
                consent: consent(&hotkey, actor),
                hotkey,
            }
        }
        Act::PublishAxon { netuid, hotkey } => Call::publish_axon {
            netuid: netuid_at(netuid),
            address: AxonAddress::V4([127, 0, 0, 1], 8_000 + u16::from(hotkey)),
            protocol: 1,
            model: MODEL,
        },
        Act::WithdrawAxon { netuid, .. } => Call::withdraw_axon {
            netuid: netuid_at(netuid),
        },
        Act::Protect { netuid, hotkey } => Call::protect_neuron {
            netuid: netuid_at(netuid),
            hotkey: hot(hotkey),
        },
        other => unreachable!("{other:?} is not of neurons"),
    }
}

/// A registration by work, bound to the block before.
pub fn work(netuid: NetUid, hotkey: &AccountId, coldkey: &AccountId) -> RuntimeCall {
    let block = System::block_number().saturating_sub(1);
    let (genesis, hash) = (System::block_hash(0), System::block_hash(block));
    let digest = blake2_256(&work_preimage(&genesis.0, netuid, (block, &hash.0), hotkey, coldkey));
    let difficulty = Neurons::difficulty_quote_at(netuid, System::block_number()).unwrap_or(1);
    let meets = |nonce: &u64| meets_difficulty(&blake2_256(&seal_preimage(*nonce, &digest)), difficulty);
    let nonce = (0..TRIES).find(meets).unwrap_or(0);
    let call = pallet_laurel_neurons::Call::pow_register {
        netuid,
        hotkey: hotkey.clone(),
        coldkey: coldkey.clone(),
        work: Work { block, nonce },
        consent: consent(hotkey, coldkey).expect("hotkeys have keys"),
    };
    call.into()
}

/// One of the changes of a subnet's parameters that turn something on its head.
pub fn parameter(which: u8, value: u8) -> Hyperparameter {
    let flag = value.is_multiple_of(2);
    match which % 20 {
        0 => Hyperparameter::Tempo([5, 6, 8, 0][usize::from(value % 4)]),
        1 => Hyperparameter::MaxUids(u16::from(value % 4) + 3),
        2 => Hyperparameter::MaxValidators(u16::from(value % 4) + 1),
        3 => Hyperparameter::ImmunityPeriod(u32::from(value % 3) * 4),
        4 => Hyperparameter::RegistrationAllowed(!value.is_multiple_of(4)),
        5 => Hyperparameter::CommitReveal(flag),
        6 => Hyperparameter::PowAllowed(!value.is_multiple_of(4)),
        7 => Hyperparameter::MinBurn(if flag { 1 } else { LRL }),
        8 => Hyperparameter::MaxBurn(if flag { LRL } else { 10 * LRL }),
        9 => Hyperparameter::BondsPenalty(u16::from(value) * 257),
        10 => Hyperparameter::MaxStake(if flag { LRL } else { Balance::MAX }),
        11 => Hyperparameter::RevealPeriod(u16::from(value % 3) + 1),
        12 => Hyperparameter::ActivityCutoff(if flag { 10 } else { 5_000 }),
        13 => Hyperparameter::LiquidAlpha(flag.then_some((40_000, 60_000))),
        14 => Hyperparameter::WeightsRateLimit(u32::from(value % 4)),
        15 => Hyperparameter::Kappa(if flag { 13_107 } else { 58_982 }),
        16 => Hyperparameter::WeightsVersion(u64::from(value % 3)),
        17 => Hyperparameter::StalenessPenalty(u16::from(value) * 257),
        18 => Hyperparameter::BondsMovingAverage(if flag { 0 } else { 999_999 }),
        _ => Hyperparameter::MaxWeightLimit(if flag { 30_000 } else { u16::MAX }),
    }
}

pub fn of_subnets(act: Act) -> pallet_laurel_subnets::Call<Runtime> {
    use pallet_laurel_subnets::Call;
    match act {
        Act::CreateSubnet { max_lock } => Call::create_subnet {
            // In the block that is being made: what clients are quoted is for the next one, when it is less.
            max_lock: max_lock.of(Subnets::lock_cost_at(System::block_number())),
        },
        Act::SetParameter { netuid, which, value } => Call::set_hyperparameter {
            netuid: netuid_at(netuid),
            change: parameter(which, value),
        },
        Act::SetModels { netuid, models } => Call::set_models {
            netuid: netuid_at(netuid),
            models: self::models(models),
        },
        Act::Dissolve { netuid } => Call::announce_dissolution {
            netuid: netuid_at(netuid),
        },
        Act::CancelDissolution { netuid } => Call::cancel_dissolution {
            netuid: netuid_at(netuid),
        },
        Act::Offer { netuid, to } => Call::offer_subnet {
            netuid: netuid_at(netuid),
            to: to.map(cold),
        },
        Act::Accept { netuid } => Call::accept_subnet {
            netuid: netuid_at(netuid),
        },
        Act::SubnetIdentity { netuid, length } => Call::set_subnet_identity {
            netuid: netuid_at(netuid),
            identity: identity(length),
        },
        Act::ClearSubnetIdentity { netuid } => Call::clear_subnet_identity {
            netuid: netuid_at(netuid),
        },
        Act::Identity { length } => Call::set_identity {
            identity: identity(length),
        },
        Act::ClearIdentity => Call::clear_identity {},
        Act::SubnetSettings { choice } => Call::set_settings {
            settings: settings(choice),
        },
        other => unreachable!("{other:?} is not of subnets"),
    }
}

/// The first list is empty, which is refused.
fn models(number: u8) -> pallet_laurel_subnets::Models {
    let model = |number: u8| AcceptedModel {
        root: ModelRoot([number; 32]),
        kind: ModelKind::Embedding,
        context: 512,
        tokenizer: TokenizerRoot([1; 32]),
        sampler: 0,
    };
    let models: Vec<_> = (0..number % 4).map(|place| model(place + 1)).collect();
    models.try_into().expect("there are three at most")
}

/// None of nothing is refused.
fn identity(length: u8) -> Identity {
    Identity {
        name: Text::truncate_from(vec![b'x'; usize::from(length % 60)]),
        ..Identity::default()
    }
}

/// With these everything happens within a few blocks.
pub fn settings(choice: u8) -> SubnetSettings {
    let of = |values: [u32; 4], place: u8| values[usize::from(choice >> (2 * place) & 3)];
    SubnetSettings {
        default_params: params(),
        max_subnets: of([3, 2, 4, 1], 0),
        immunity_period: of([10, 0, 20, 10], 1),
        lock_reduction_interval: 20,
        lock_vesting: of([60, 0, 200, 60], 2),
        early_end_burn: of([50, 100, 0, 50], 3) as u8,
        dissolution_delay: 5,
        parameter_cooldown: 2,
        create_rate_limit: 1,
        freeze_window: 1,
        min_lock: 100 * LRL,
        ..SubnetSettings::default()
    }
}

/// The parameters with which subnets begin: short epochs, few places, easy work.
fn params() -> Hyperparameters {
    Hyperparameters {
        tempo: 5,
        immunity_period: 4,
        max_uids: 5,
        max_validators: 3,
        weights_rate_limit: 2,
        demand_half_life: 10,
        min_difficulty: 1_000,
        axon_lifetime: 10,
        axon_interval: 2,
        ..genesis::local_params()
    }
}
