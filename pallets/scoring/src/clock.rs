//! Which epoch runs in each subnet, since when.
use crate::{Clock, Config, Pallet};
use codec::{Decode, Encode, MaxEncodedLen};
use laurel_support::Subnets;
use laurel_types::{BlockNumber, EpochIndex, NetUid};
use scale_info::TypeInfo;
use sp_runtime::SaturatedConversion;

/// The running epoch of a subnet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct EpochClock {
    /// Its index.
    pub epoch: EpochIndex,
    /// Block in which it began.
    pub started_at: BlockNumber,
}

impl<T: Config> Pallet<T> {
    /// The present block.
    pub(crate) fn now() -> BlockNumber {
        frame_system::Pallet::<T>::block_number().saturated_into()
    }

    /// The running epoch; of a subnet that does not exist, the first.
    pub(crate) fn clock(netuid: NetUid) -> EpochClock {
        Clock::<T>::get(netuid).unwrap_or_default()
    }

    /// Block at which the running epoch should end; never, where there is no subnet.
    pub(crate) fn epoch_due_at(netuid: NetUid) -> BlockNumber {
        match (Clock::<T>::get(netuid), T::Subnets::params(netuid)) {
            (Some(clock), Some(params)) => clock.started_at.saturating_add(params.tempo.into()),
            _ => BlockNumber::MAX,
        }
    }

    /// Begins the next epoch in the present block.
    pub(crate) fn begin_next_epoch(netuid: NetUid) {
        let epoch = Self::clock(netuid).epoch.next();
        Clock::<T>::insert(
            netuid,
            EpochClock {
                epoch,
                started_at: Self::now(),
            },
        );
    }
}
