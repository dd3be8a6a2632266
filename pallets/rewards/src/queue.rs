//! Due epochs wait their turn, and run as far as the block's weight reaches.
//!
//! The epoch of the subnet at the front is ended in steps: its neurons' stake is read, some at a time; it is scored, which fixes its bill;
//! the bill is paid, a page at a time. Usually all of them fit into one block; else the next block goes on where this one stopped.
use crate::{bill::LINES_A_PAGE, Bill, Config, Event, Pallet, Progress, Queue, Stage, WeightInfo};
use frame_support::{
    dispatch::DispatchClass,
    storage::with_storage_layer,
    traits::Get,
    weights::{Weight, WeightMeter},
};
use laurel_support::{Epochs, Neurons, OnEpoch, Parents, Subnets};
use laurel_types::{BlockNumber, NetUid, Uid};
use sp_runtime::{DispatchError, SaturatedConversion};

/// Neurons whose stake is read in one step.
pub const NEURONS_A_STEP: u16 = 256;

/// What is done next for the subnet at the front of the queue.
pub(crate) enum Step {
    /// It is gone and leaves the queue.
    Leave,
    /// Reads the stake of some neurons.
    Stock(Uid, u16),
    /// Scores the epoch and draws its bill.
    Score,
    /// Pays a page of the bill.
    Pay(Bill),
}

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

    /// Runs the queue from the front as far as `meter` reaches. Each look at it is paid for before: the first one here, the others
    /// with the step before.
    pub(crate) fn run_queue(meter: &mut WeightMeter) {
        if meter.try_consume(T::WeightInfo::on_poll()).is_err() {
            return;
        }
        let mut queue = Queue::<T>::get();
        let waiting = queue.len();
        let mut began = false;
        while let Some(netuid) = queue.first().copied() {
            let (step, weight) = Self::next_step(netuid);
            if !meter.can_consume(weight) && (began || !Self::cannot_wait(netuid, &step, weight)) {
                break;
            }
            Self::consume(meter, weight);
            began = true;
            if Self::advance(netuid, step, meter) {
                queue.remove(0);
            }
        }
        if queue.len() < waiting {
            Queue::<T>::put(queue);
        }
    }

    /// The next step for a subnet at the front of the queue, and the upper bound of what it and the look that follows it take.
    pub(crate) fn next_step(netuid: NetUid) -> (Step, Weight) {
        let (step, weight) = if T::Subnets::exists(netuid) {
            let neurons = T::Neurons::count(netuid);
            match Progress::<T>::get() {
                Stage::Pay(bill) => {
                    let lines = bill.lines.min(LINES_A_PAGE);
                    (Step::Pay(bill), T::WeightInfo::pay(lines))
                }
                Stage::Stock(first) if first.0 < neurons => {
                    let count = neurons.saturating_sub(first.0).min(NEURONS_A_STEP);
                    (Step::Stock(first, count), T::Epochs::stock_weight(netuid, count.into()))
                }
                Stage::Stock(_) => (Step::Score, Self::score_weight(netuid, neurons.into())),
            }
        } else {
            (Step::Leave, T::WeightInfo::remove_subnet())
        };
        (step, weight.saturating_add(T::WeightInfo::on_poll()))
    }

    pub(crate) fn score_weight(netuid: NetUid, neurons: u32) -> Weight {
        let lines = neurons.saturating_add(T::Parents::count(netuid));
        T::Epochs::weight(netuid)
            .saturating_add(T::Parents::weight(netuid, neurons))
            .saturating_add(T::OnEpoch::weight(netuid))
            .saturating_add(T::WeightInfo::draw_bill(lines))
            // A write every so many lines is a slope too flat for the measurement to find.
            .saturating_add(T::DbWeight::get().writes(lines.div_ceil(LINES_A_PAGE).into()))
    }

    /// Whether a step must be taken though it does not fit, because otherwise the queue could stand still: it would fit in no block, or
    /// it has waited for one block already.
    fn cannot_wait(netuid: NetUid, step: &Step, weight: Weight) -> bool {
        let since = match step {
            Step::Pay(bill) => bill.summary.block,
            _ => T::Epochs::due_at(netuid),
        };
        !weight.all_lte(T::BlockWeights::get().max_block) || since < Self::now()
    }

    /// Takes a step, all of it or nothing. Returns whether the subnet leaves the queue.
    fn advance(netuid: NetUid, step: Step, meter: &mut WeightMeter) -> bool {
        let taken = with_storage_layer(|| match &step {
            Step::Leave => {
                Self::forget_progress();
                Ok(true)
            }
            Step::Stock(first, count) => {
                T::Epochs::take_stock(netuid, *first, *count);
                Progress::<T>::put(Stage::Stock(Uid(first.0.saturating_add(*count))));
                Ok(false)
            }
            Step::Score => {
                Progress::<T>::kill();
                let ended = T::Epochs::current(netuid);
                Self::draw_bill(netuid, ended, T::Epochs::run(netuid))
            }
            Step::Pay(bill) => Self::pay_page(bill.clone()),
        });
        taken.unwrap_or_else(|error| {
            Self::abandon(netuid, step, error, meter);
            true
        })
    }

    /// Ends an epoch of which a step failed and was rolled back, so that it is not tried in every block. What is left of its pot stays
    /// for the next.
    fn abandon(netuid: NetUid, step: Step, error: DispatchError, meter: &mut WeightMeter) {
        if let Step::Pay(bill) = step {
            Self::consume(meter, T::WeightInfo::remove_subnet());
            let epoch = bill.summary.epoch;
            Self::deposit_event(Event::EpochFailed { netuid, epoch, error });
            return Self::close_bill(bill);
        }
        Self::consume(meter, Self::score_weight(netuid, T::Neurons::count(netuid).into()));
        Progress::<T>::kill();
        let epoch = T::Epochs::current(netuid);
        T::Epochs::skip(netuid);
        T::OnEpoch::on_epoch(netuid, epoch);
        Self::deposit_event(Event::EpochFailed { netuid, epoch, error });
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
}
