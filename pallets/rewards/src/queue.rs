//! Due epochs wait their turn, and run as far as the block's weight reaches.
use crate::{Config, Event, Pallet, Queue, WeightInfo};
use frame_support::{
    dispatch::DispatchClass,
    storage::with_storage_layer,
    traits::Get,
    weights::{Weight, WeightMeter},
};
use laurel_support::{Epochs, Neurons, OnEpoch, Subnets};
use laurel_types::{BlockNumber, NetUid};
use sp_runtime::{DispatchError, SaturatedConversion};

impl<T: Config> Pallet<T> {
    /// The present block.
    pub(crate) fn now() -> BlockNumber {
        frame_system::Pallet::<T>::block_number().saturated_into()
    }

    /// Puts every subnet whose epoch is due at the end of the queue, unless it waits already. Returns the number of subnets.
    pub(crate) fn enqueue_due() -> u32 {
        let netuids = T::Subnets::netuids();
        let mut queue = Queue::<T>::get();
        let waiting = queue.len();
        for netuid in &netuids {
            if T::Epochs::due_at(*netuid) <= Self::now() && !queue.contains(netuid) && queue.try_push(*netuid).is_err()
            {
                // Full: those left out are as due in the next block.
                break;
            }
        }
        if queue.len() > waiting {
            Queue::<T>::put(queue);
        }
        netuids.len() as u32
    }

    /// Runs the queue from the front as far as `meter` reaches.
    pub(crate) fn run_queue(meter: &mut WeightMeter) {
        if meter.try_consume(T::WeightInfo::on_poll()).is_err() {
            return;
        }
        let mut queue = Queue::<T>::get();
        let mut run = 0;
        while let Some(netuid) = queue.get(run).copied() {
            let weight = Self::epoch_weight(netuid);
            if !meter.can_consume(weight) && (run > 0 || !Self::cannot_wait(netuid, weight)) {
                break;
            }
            Self::consume(meter, weight);
            run += 1;
            if !T::Subnets::exists(netuid) {
                continue;
            }
            if let Err(error) = with_storage_layer(|| Self::run_epoch(netuid)) {
                Self::consume(meter, weight);
                Self::abandon_epoch(netuid, error);
            }
        }
        if run > 0 {
            queue.drain(..run);
            Queue::<T>::put(queue);
        }
    }

    /// Upper bound of what running and paying an epoch takes.
    fn epoch_weight(netuid: NetUid) -> Weight {
        let neurons = T::Neurons::count(netuid).into();
        T::Epochs::stock_weight(netuid, neurons)
            .saturating_add(T::Epochs::weight(netuid))
            .saturating_add(T::WeightInfo::payout(neurons))
    }

    /// Whether an epoch at the front of the queue must run though it does not fit: it would fit in no block, or it has waited for
    /// one block already.
    fn cannot_wait(netuid: NetUid, weight: Weight) -> bool {
        let block = T::BlockWeights::get().max_block;
        !weight.all_lte(block) || T::Epochs::due_at(netuid) < Self::now()
    }

    /// Takes `weight` from the meter; what it does not have is registered with the block all the same.
    fn consume(meter: &mut WeightMeter, weight: Weight) {
        let within = weight.min(meter.remaining());
        meter.consume(within);
        let beyond = weight.saturating_sub(within);
        if beyond != Weight::zero() {
            frame_system::Pallet::<T>::register_extra_weight_unchecked(beyond, DispatchClass::Mandatory);
        }
    }

    /// Ends an epoch that failed and was rolled back, so that it is not tried in every block. Its pot stays for the next.
    fn abandon_epoch(netuid: NetUid, error: DispatchError) {
        let epoch = T::Epochs::current(netuid);
        T::Epochs::skip(netuid);
        T::OnEpoch::on_epoch(netuid, epoch);
        Self::deposit_event(Event::EpochFailed { netuid, epoch, error });
    }
}
