//! What a registration costs: tokens, or work.
//!
//! Both follow demand in the same way (`laurel_yuma::{halved, raised}`): each registration multiplies what the next one of its kind
//! costs, and each half-life without one halves it, down to the lowest. Nothing happens while nobody looks: the level is
//! brought up to date when it is asked for, by the one function that quotes and charges use. So what is quoted
//! for a block is what is charged in it, unless somebody registers before: hence the maximum price that a call must name.
//!
//! There is no number of registrations after which a block or an interval is full: who wants to be next pays more.
//!
//! Time since the last registration counts under the parameters in force when somebody asks.
use crate::{Config, Difficulty, Pallet, Pricing};
use codec::{Decode, Encode, MaxEncodedLen};
use laurel_support::{OnSubnetCreated, Subnets};
use laurel_types::{Balance, BlockNumber, Hyperparameters, NetUid};
use scale_info::TypeInfo;

/// A level as of the last registration of its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Demand {
    /// Leaves, or expected tries.
    pub level: u64,
    /// Block of the registration; of the subnet's creation before the first.
    pub at: BlockNumber,
}

/// What a level follows, and where it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DemandRule {
    min: u64,
    max: u64,
    half_life: u32,
    growth: u16,
}

impl DemandRule {
    /// The rule of the price in tokens.
    pub fn price(params: &Hyperparameters) -> Self {
        Self {
            min: params.min_burn,
            max: params.max_burn,
            half_life: params.demand_half_life,
            growth: params.demand_growth,
        }
    }

    /// The rule of the difficulty of work.
    pub fn difficulty(params: &Hyperparameters) -> Self {
        Self {
            min: params.min_difficulty,
            max: params.max_difficulty,
            ..Self::price(params)
        }
    }

    fn within(&self, level: u64) -> u64 {
        // `max` before `min` cannot panic, whatever the bounds.
        level.max(self.min).min(self.max)
    }
}

impl Demand {
    /// The level with which a subnet begins: the lowest.
    pub fn new(now: BlockNumber, rule: &DemandRule) -> Self {
        Self {
            level: rule.min,
            at: now,
        }
    }

    /// The level in block `now`.
    pub fn level_at(&self, now: BlockNumber, rule: &DemandRule) -> u64 {
        let elapsed = now.saturating_sub(self.at);
        rule.within(laurel_yuma::halved(self.level, elapsed, rule.half_life))
    }

    /// This level after one more registration in block `now`.
    pub fn after_registration(&self, now: BlockNumber, rule: &DemandRule) -> Self {
        Self {
            level: rule.within(laurel_yuma::raised(self.level_at(now, rule), rule.growth)),
            at: now,
        }
    }
}

impl<T: Config> Pallet<T> {
    /// What registering in `block` costs if nobody else registers before, in leaves; none if the subnet does not exist or takes nobody.
    pub fn quote_at(netuid: NetUid, block: BlockNumber) -> Option<Balance> {
        let params = T::Subnets::params(netuid).filter(|params| params.registration_allowed)?;
        Some(Self::price_at(netuid, block, &params))
    }

    /// Expected tries that registering by work in `block` takes if nobody else does so before; none if the subnet does
    /// not exist or takes no work.
    pub fn difficulty_quote_at(netuid: NetUid, block: BlockNumber) -> Option<u64> {
        let params = T::Subnets::params(netuid).filter(|params| params.pow_allowed)?;
        Some(Self::difficulty_at(netuid, block, &params))
    }

    /// The price in `block`, in leaves, also where registration is off.
    pub fn price_at(netuid: NetUid, block: BlockNumber, params: &Hyperparameters) -> Balance {
        let rule = DemandRule::price(params);
        Pricing::<T>::get(netuid).map_or(rule.min, |demand| demand.level_at(block, &rule))
    }

    /// The difficulty in `block`, in expected tries, also where work is off.
    pub fn difficulty_at(netuid: NetUid, block: BlockNumber, params: &Hyperparameters) -> u64 {
        let rule = DemandRule::difficulty(params);
        Difficulty::<T>::get(netuid).map_or(rule.min, |demand| demand.level_at(block, &rule))
    }

    /// Raises what the next registration of the kind costs.
    pub(crate) fn raise(netuid: NetUid, kind: Kind, params: &Hyperparameters) {
        let now = Self::now();
        let raised = |demand: Option<Demand>, rule: &DemandRule| {
            demand
                .unwrap_or_else(|| Demand::new(now, rule))
                .after_registration(now, rule)
        };
        match kind {
            Kind::Burn => {
                let rule = DemandRule::price(params);
                Pricing::<T>::mutate(netuid, |demand| *demand = Some(raised(*demand, &rule)));
            }
            Kind::Work => {
                let rule = DemandRule::difficulty(params);
                Difficulty::<T>::mutate(netuid, |demand| *demand = Some(raised(*demand, &rule)));
            }
        }
    }
}

/// With what a registration was paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Tokens.
    Burn,
    /// Work.
    Work,
}

impl<T: Config> OnSubnetCreated for Pallet<T> {
    fn on_subnet_created(netuid: NetUid) {
        if let Some(params) = T::Subnets::params(netuid) {
            let now = Self::now();
            Pricing::<T>::insert(netuid, Demand::new(now, &DemandRule::price(&params)));
            Difficulty::<T>::insert(netuid, Demand::new(now, &DemandRule::difficulty(&params)));
        }
    }
}
