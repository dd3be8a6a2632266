//! What a registration costs.
//!
//! Each adjustment interval that ends compares the registrations in it with the target: more raise the price, fewer lower
//! it. Nothing happens while nobody looks; the price is brought up to date when it is asked for. So the price quoted for a
//! block is the price charged in it.
//!
//! Intervals that ended since the last registration are settled under the parameters in force when somebody asks.
use crate::{Config, Pallet, Pricing};
use codec::{Decode, Encode, MaxEncodedLen};
use laurel_support::{OnSubnetCreated, Subnets};
use laurel_types::{Balance, BlockNumber, Hyperparameters, NetUid};
use laurel_yuma::{adjust_price, PriceRule};
use scale_info::TypeInfo;

/// Intervals without a registration that are settled at once. An unused price stops falling after so many; with the
/// usual parameters it has reached its minimum long before.
pub const MAX_SETTLED_INTERVALS: u32 = 1_024;

/// The price of a registration in one subnet, and what moves it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct RegistrationPrice {
    /// Leaves that a registration costs in the interval.
    pub price: Balance,
    /// Block in which the interval began.
    pub interval_started_at: BlockNumber,
    /// Registrations in the interval.
    pub registrations: u16,
    /// Block of the last registration.
    pub block: BlockNumber,
    /// Registrations in that block.
    pub registrations_in_block: u16,
}

impl RegistrationPrice {
    /// The price with which a subnet begins: the lowest.
    pub fn new(now: BlockNumber, params: &Hyperparameters) -> Self {
        Self {
            price: params.min_burn,
            interval_started_at: now,
            registrations: 0,
            block: now,
            registrations_in_block: 0,
        }
    }

    /// The price in block `now`: every interval that ended by then is settled, and the price is within its bounds.
    pub fn at(mut self, now: BlockNumber, params: &Hyperparameters) -> Self {
        let interval = BlockNumber::from(params.adjustment_interval).max(1);
        let ended = now.saturating_sub(self.interval_started_at) / interval;
        self.settle(ended, params);
        // Both factors come out of a division of block numbers, so neither operation can overflow.
        self.interval_started_at = self.interval_started_at.saturating_add(ended.saturating_mul(interval));
        if self.block != now {
            self.block = now;
            self.registrations_in_block = 0;
        }
        // The owner may have moved the bounds within the interval. `max` before `min` cannot panic, whatever the bounds.
        self.price = self.price.max(params.min_burn).min(params.max_burn);
        self
    }

    fn settle(&mut self, ended: u32, params: &Hyperparameters) {
        let rule = PriceRule {
            target: params.target_registrations,
            alpha: params.adjustment_alpha,
            min: params.min_burn,
            max: params.max_burn,
        };
        for _ in 0..ended.min(MAX_SETTLED_INTERVALS) {
            let adjusted = adjust_price(self.price, self.registrations, &rule);
            // After the first interval all are empty: a price that stays once stays.
            if adjusted == self.price && self.registrations == 0 {
                return;
            }
            self.price = adjusted;
            self.registrations = 0;
        }
    }

    /// Whether the block of this price has room for one more registration.
    pub fn admits(&self, params: &Hyperparameters) -> bool {
        self.registrations_in_block < params.max_registrations_per_block
    }

    /// This price after one more registration in its block.
    pub fn after_registration(self) -> Self {
        Self {
            // More than 65535 registrations an interval raise the price no further than 65535 do.
            registrations: self.registrations.saturating_add(1),
            // At most `max_registrations_per_block`.
            registrations_in_block: self.registrations_in_block.saturating_add(1),
            ..self
        }
    }
}

impl<T: Config> Pallet<T> {
    /// What registering in the current block costs, in leaves; none if the subnet does not exist or takes nobody.
    pub fn quote(netuid: NetUid) -> Option<Balance> {
        Self::quote_at(netuid, Self::now())
    }

    /// What registering in `block` would cost if nobody else registers before, in leaves; none as in [`Self::quote`], or
    /// if that block is the current one and full.
    pub fn quote_at(netuid: NetUid, block: BlockNumber) -> Option<Balance> {
        let params = T::Subnets::params(netuid).filter(|params| params.registration_allowed)?;
        let price = Self::price_at(netuid, block, &params);
        price.admits(&params).then_some(price.price)
    }

    /// The price in `block`, with its counters.
    pub(crate) fn price_at(netuid: NetUid, block: BlockNumber, params: &Hyperparameters) -> RegistrationPrice {
        let stored = Pricing::<T>::get(netuid).unwrap_or_else(|| RegistrationPrice::new(block, params));
        stored.at(block, params)
    }
}

impl<T: Config> OnSubnetCreated for Pallet<T> {
    fn on_subnet_created(netuid: NetUid) {
        if let Some(params) = T::Subnets::params(netuid) {
            Pricing::<T>::insert(netuid, RegistrationPrice::new(Self::now(), &params));
        }
    }
}
