//! Taking and leaving a seat, and what its holder says.
use crate::{BySubnet, Config, Error, Event, Pallet, RootRow, RootSettings, RootWeights, RowFault, Seats, Settings};
use codec::{Decode, Encode, MaxEncodedLen};
use core::cmp::Reverse;
use frame_support::{dispatch::DispatchResult, ensure, pallet_prelude::DispatchError};
use laurel_support::{Hotkeys, Stake, Subnets};
use laurel_types::{Balance, BlockNumber, HotkeyConsent, MAX_ROOT_SEATS};
use scale_info::TypeInfo;
use sp_runtime::SaturatedConversion;

/// A seat of the root network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Seat {
    /// Block in which it was taken.
    pub seated_at: BlockNumber,
    /// Block of its last weights.
    pub weights_updated_at: Option<BlockNumber>,
}

impl Seat {
    /// A seat taken at block `now`.
    pub fn new(now: BlockNumber) -> Self {
        Self {
            seated_at: now,
            weights_updated_at: None,
        }
    }

    /// Whether it can be left at block `now`. Held too short a time, seats would be a way around the rate limit, and to
    /// make hotkeys known without end.
    pub fn can_be_left(&self, now: BlockNumber, settings: &Settings) -> bool {
        now >= self.seated_at.saturating_add(settings.tempo)
    }

    /// Whether the rate limit admits weights at block `now`.
    pub fn can_set_weights(&self, now: BlockNumber, settings: &Settings) -> bool {
        self.weights_updated_at
            .is_none_or(|at| now >= at.saturating_add(settings.weights_rate_limit))
    }

    /// Whether its weights still count at block `now`.
    pub fn is_fresh(&self, now: BlockNumber, settings: &Settings) -> bool {
        self.weights_updated_at
            .is_some_and(|at| now <= at.saturating_add(settings.lifetime_in_blocks()))
    }
}

impl<T> From<RowFault> for Error<T> {
    fn from(fault: RowFault) -> Self {
        match fault {
            RowFault::Empty => Self::NoWeights,
            RowFault::NotAscending => Self::WeightsNotAscending,
            RowFault::ZeroWeight => Self::ZeroWeight,
        }
    }
}

impl<T: Config> Pallet<T> {
    /// The block that is being made. Heights fit in 32 bits for centuries; saturating keeps it total.
    pub(crate) fn now() -> BlockNumber {
        frame_system::Pallet::<T>::block_number().saturated_into()
    }

    pub(crate) fn do_register_seat(
        coldkey: T::AccountId,
        hotkey: T::AccountId,
        consent: Option<HotkeyConsent>,
    ) -> DispatchResult {
        let replaced = Self::check_register_seat(&coldkey, &hotkey, consent.as_ref())?;

        T::Hotkeys::bind(&hotkey, &coldkey, consent.as_ref())?;
        if let Some(replaced) = &replaced {
            Self::vacate(replaced);
        }
        Seats::<T>::insert(&hotkey, Seat::new(Self::now()));
        Self::deposit_event(Event::SeatTaken {
            hotkey,
            coldkey,
            replaced,
        });
        Ok(())
    }

    /// Everything that `register_seat` can be refused for. Returns who loses the seat, if they are all taken.
    pub fn check_register_seat(
        coldkey: &T::AccountId,
        hotkey: &T::AccountId,
        consent: Option<&HotkeyConsent>,
    ) -> Result<Option<T::AccountId>, DispatchError> {
        ensure!(!Seats::<T>::contains_key(hotkey), Error::<T>::AlreadySeated);
        let owner = T::Hotkeys::owner(hotkey);
        ensure!(owner.is_none_or(|owner| owner == *coldkey), Error::<T>::NotHotkeyOwner);
        T::Hotkeys::check_bind(hotkey, coldkey, consent)?;
        if Seats::<T>::count() < MAX_ROOT_SEATS {
            return Ok(None);
        }
        let (stake, weakest) = Self::weakest_seat().ok_or(Error::<T>::StakeTooLowForSeat)?;
        ensure!(stake < T::Stake::stake(hotkey), Error::<T>::StakeTooLowForSeat);
        Ok(Some(weakest))
    }

    pub(crate) fn do_leave_seat(coldkey: T::AccountId, hotkey: T::AccountId) -> DispatchResult {
        Self::check_leave_seat(&coldkey, &hotkey)?;
        Self::vacate(&hotkey);
        Self::deposit_event(Event::SeatLeft { hotkey });
        Ok(())
    }

    /// Everything that `leave_seat` can be refused for.
    pub fn check_leave_seat(coldkey: &T::AccountId, hotkey: &T::AccountId) -> Result<(), Error<T>> {
        let seat = Self::owned_seat(coldkey, hotkey)?;
        ensure!(
            seat.can_be_left(Self::now(), &RootSettings::<T>::get()),
            Error::<T>::SeatLeftTooSoon
        );
        Ok(())
    }

    pub(crate) fn do_set_root_weights(
        coldkey: T::AccountId,
        hotkey: T::AccountId,
        weights: BySubnet<u16>,
    ) -> DispatchResult {
        let (mut seat, row) = Self::check_root_weights(&coldkey, &hotkey, weights)?;
        seat.weights_updated_at = Some(Self::now());
        Seats::<T>::insert(&hotkey, seat);
        RootWeights::<T>::insert(&hotkey, row);
        Self::deposit_event(Event::RootWeightsSet { hotkey });
        Ok(())
    }

    /// Everything that `set_root_weights` can be refused for. Returns the seat and the row as it is stored.
    pub fn check_root_weights(
        coldkey: &T::AccountId,
        hotkey: &T::AccountId,
        weights: BySubnet<u16>,
    ) -> Result<(Seat, RootRow), Error<T>> {
        let seat = Self::owned_seat(coldkey, hotkey)?;
        ensure!(
            seat.can_set_weights(Self::now(), &RootSettings::<T>::get()),
            Error::<T>::WeightsSetTooSoon
        );
        let row = RootRow::new(weights)?;
        let netuids = T::Subnets::netuids();
        let known = |(netuid, _): &(_, u16)| netuids.binary_search(netuid).is_ok();
        ensure!(row.entries().iter().all(known), Error::<T>::SubnetUnknown);
        Ok((seat, row))
    }

    fn owned_seat(coldkey: &T::AccountId, hotkey: &T::AccountId) -> Result<Seat, Error<T>> {
        let seat = Seats::<T>::get(hotkey).ok_or(Error::<T>::NotSeated)?;
        ensure!(
            T::Hotkeys::owner(hotkey).as_ref() == Some(coldkey),
            Error::<T>::NotHotkeyOwner
        );
        Ok(seat)
    }

    /// The seat to lose next: least stake; among equals the one taken last, then the lowest hotkey.
    fn weakest_seat() -> Option<(Balance, T::AccountId)> {
        Seats::<T>::iter()
            .map(|(hotkey, seat)| (T::Stake::stake(&hotkey), Reverse(seat.seated_at), hotkey))
            .min()
            .map(|(stake, _, hotkey)| (stake, hotkey))
    }

    /// Removes everything a seat left. Whoever sits there next starts without weights.
    fn vacate(hotkey: &T::AccountId) {
        Seats::<T>::remove(hotkey);
        RootWeights::<T>::remove(hotkey);
    }
}
