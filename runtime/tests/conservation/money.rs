//! Calls that move tokens and stake.
use crate::{
    cast::{account, hot, spendable},
    step::{Act, Amount, Way},
};
use frame_support::traits::fungible::Inspect;
use laurel_runtime::{configs::EXISTENTIAL_DEPOSIT, AccountId, Balances, Runtime, RuntimeCall, Staking};
use laurel_types::{Balance, Take, LRL};

impl Amount {
    /// In leaves, where there are `all`.
    pub fn of(self, all: Balance) -> Balance {
        let settings = pallet_laurel_staking::StakingSettings::<Runtime>::get();
        match self {
            Self::Zero => 0,
            Self::One => 1,
            Self::BelowDeposit => EXISTENTIAL_DEPOSIT - 1,
            Self::Deposit => EXISTENTIAL_DEPOSIT,
            Self::MinStake => settings.min_stake,
            Self::MinNomination => settings.min_nomination,
            Self::AllButOne => all.saturating_sub(1),
            Self::All => all,
            Self::MoreThanAll => all.saturating_add(1),
            Self::Max => Balance::MAX,
            Self::Part(part) => (u128::from(all) * u128::from(part) / 256) as Balance,
            Self::Leaves(mantissa, exponent) => Balance::from(mantissa) << exponent,
        }
    }
}

pub fn transfer(from: &AccountId, to: AccountId, amount: Amount, way: Way) -> RuntimeCall {
    use pallet_balances::Call;
    let (dest, all) = (to.into(), spendable(from));
    let call = match way {
        Way::AllowDeath => Call::transfer_allow_death {
            dest,
            value: amount.of(Balances::balance(from)),
        },
        Way::KeepAlive => Call::transfer_keep_alive {
            dest,
            value: amount.of(all),
        },
        Way::All => Call::transfer_all {
            dest,
            keep_alive: false,
        },
        Way::AllKeepAlive => Call::transfer_all { dest, keep_alive: true },
        Way::Forced => Call::force_transfer {
            source: from.clone().into(),
            dest,
            value: amount.of(all),
        },
        Way::Burned => Call::burn {
            value: amount.of(all),
            keep_alive: true,
        },
    };
    call.into()
}

pub fn of_staking(actor: &AccountId, act: Act) -> pallet_laurel_staking::Call<Runtime> {
    use pallet_laurel_staking::{Call, Settings};
    let value = |hotkey: u8| Staking::position_value(actor, &hot(hotkey));
    match act {
        Act::AddStake { hotkey, amount } => Call::add_stake {
            hotkey: hot(hotkey),
            amount: amount.of(spendable(actor)),
        },
        Act::RemoveStake { hotkey, amount } => Call::remove_stake {
            hotkey: hot(hotkey),
            amount: amount.of(value(hotkey)),
        },
        Act::RemoveAllStake { hotkey } => Call::remove_all_stake { hotkey: hot(hotkey) },
        Act::MoveStake { from, to, amount } => Call::move_stake {
            from: hot(from),
            to: hot(to),
            amount: amount.map(|amount| amount.of(value(from))),
        },
        Act::TransferStake { hotkey, to, amount } => Call::transfer_stake {
            hotkey: hot(hotkey),
            to: account(to),
            amount: amount.map(|amount| amount.of(value(hotkey))),
        },
        Act::ClearNomination { coldkey, hotkey } => Call::clear_nomination {
            coldkey: account(coldkey),
            hotkey: hot(hotkey),
        },
        Act::SetTake { hotkey, take } => Call::set_take {
            hotkey: hot(hotkey),
            take: Take(u16::from(take) * 47), // up to a little above the highest
        },
        Act::StakingSettings { choice } => {
            let min_stake = [LRL / 1_000, EXISTENTIAL_DEPOSIT, LRL][usize::from(choice % 3)];
            let nominations = [LRL / 10, min_stake, 100 * LRL, 0];
            let settings = Settings {
                min_stake,
                min_nomination: nominations[usize::from(choice / 3 % 4)],
                ..pallet_laurel_staking::StakingSettings::<Runtime>::get()
            };
            Call::set_settings { settings }
        }
        other => unreachable!("{other:?} is not of staking"),
    }
}
