//! Measures every call at its most expensive: a full electorate.
use super::*;
use frame_benchmarking::v2::*;
use frame_support::traits::{EnsureOrigin, StorePreimage};
use frame_system::RawOrigin;
use laurel_types::{LRL, MAX_ROOT_SEATS};

/// A call too large to be stored inline.
fn large_call<T: Config>() -> Result<BoundedCallOf<T>, BenchmarkError> {
    let call: <T as Config>::RuntimeCall = frame_system::Call::<T>::remark {
        remark: alloc::vec![1; 1_024],
    }
    .into();
    Ok(T::Preimages::bound(call)?)
}

/// Every seat has another owner; returns the last.
fn fill_seats<T: Config>() -> T::AccountId {
    let owners = (0..MAX_ROOT_SEATS).map(|index| account("elector", index, 0));
    owners
        .inspect(|owner| T::Seats::benchmark_take(owner, LRL))
        .last()
        .unwrap_or_else(whitelisted_caller)
}

/// A proposal before a full electorate.
fn opened<T: Config>() -> Result<u32, BenchmarkError> {
    fill_seats::<T>();
    Pallet::<T>::do_open(large_call::<T>()?)?;
    Ok(NextIndex::<T>::get().saturating_sub(1))
}

/// One that everybody approved.
fn approved<T: Config>() -> Result<u32, BenchmarkError> {
    let index = opened::<T>()?;
    let electors: Vec<T::AccountId> = Proposals::<T>::get(index)
        .map(|proposal| {
            proposal
                .electorate
                .electors()
                .iter()
                .map(|elector| elector.account.clone())
                .collect()
        })
        .unwrap_or_default();
    for elector in electors {
        Pallet::<T>::do_vote(elector, index, Vote::Aye)?;
    }
    Ok(index)
}

#[benchmarks]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn open() -> Result<(), BenchmarkError> {
        fill_seats::<T>();
        let call = large_call::<T>()?;
        let origin = T::ProposeOrigin::try_successful_origin().map_err(|()| BenchmarkError::Weightless)?;
        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, call);
        assert_eq!(Proposals::<T>::count(), 1);
        Ok(())
    }

    #[benchmark]
    fn vote() -> Result<(), BenchmarkError> {
        let index = opened::<T>()?;
        let voter: T::AccountId = account("elector", MAX_ROOT_SEATS - 1, 0);
        #[extrinsic_call]
        _(RawOrigin::Signed(voter), index, Vote::Aye);
        Ok(())
    }

    #[benchmark]
    fn close() -> Result<(), BenchmarkError> {
        let index = approved::<T>()?;
        let caller: T::AccountId = whitelisted_caller();
        #[extrinsic_call]
        _(RawOrigin::Signed(caller), index);
        assert_eq!(Enactments::<T>::get().len(), 1);
        Ok(())
    }

    #[benchmark]
    fn cancel() -> Result<(), BenchmarkError> {
        let index = approved::<T>()?;
        Pallet::<T>::do_close(index)?;
        let origin = T::CancelOrigin::try_successful_origin().map_err(|()| BenchmarkError::Weightless)?;
        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, index);
        assert!(Enactments::<T>::get().is_empty());
        Ok(())
    }

    impl_benchmark_test_suite!(Pallet, crate::mock::empty_chain(), crate::mock::Test);
}
