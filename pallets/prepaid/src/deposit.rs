//! What a payer holds for a gateway, and how much of it is whose.
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use laurel_types::{Balance, BlockNumber};
use scale_info::TypeInfo;

/// A deposit of one payer for one gateway.
///
/// Invariant: what is announced is more than nothing and at most the amount.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Deposit {
    /// What is held for the gateway, in leaves.
    pub amount: Balance,
    /// What is held besides for the record, in leaves. It is never drawn.
    pub record_deposit: Balance,
    /// What the payer announced that it takes back, if anything.
    pub withdrawal: Option<Withdrawal>,
}

/// Leaves that a payer wants back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Withdrawal {
    /// How many.
    pub amount: Balance,
    /// The first block in which the payer can take them and the gateway no longer.
    pub free_at: BlockNumber,
}

impl Deposit {
    /// What was announced to be taken back, whether its notice is over or not.
    pub fn announced(&self) -> Balance {
        self.withdrawal.map_or(0, |withdrawal| withdrawal.amount)
    }

    /// What the payer can take back in block `now`.
    pub fn free(&self, now: BlockNumber) -> Balance {
        self.withdrawal
            .filter(|withdrawal| now >= withdrawal.free_at)
            .map_or(0, |withdrawal| withdrawal.amount)
    }

    /// What the gateway can draw in block `now`: until a notice is over also what was announced.
    pub fn drawable(&self, now: BlockNumber) -> Balance {
        // At most the amount is free.
        self.amount.saturating_sub(self.free(now))
    }

    /// What the gateway can count on, however long it takes to draw it.
    pub fn available(&self) -> Balance {
        self.amount.saturating_sub(self.announced())
    }

    /// Draws as much of `asked` as can be drawn in block `now`, and says how much. What is not announced goes first; what is announced
    /// shrinks with what is left to pay it.
    pub(crate) fn draw(&mut self, asked: Balance, now: BlockNumber) -> Balance {
        let drawn = asked.min(self.drawable(now));
        self.take(drawn);
        drawn
    }

    /// Announces that `amount` is to be taken back, in block `now` with so many blocks of `notice`. Whoever announces no more than before
    /// keeps the notice that was given.
    pub(crate) fn announce(&mut self, amount: Balance, now: BlockNumber, notice: BlockNumber) -> Withdrawal {
        let given = self.withdrawal.filter(|before| amount <= before.amount);
        let free_at = given.map_or(now.saturating_add(notice), |before| before.free_at);
        let withdrawal = Withdrawal { amount, free_at };
        self.withdrawal = Some(withdrawal);
        withdrawal
    }

    /// Takes back what is free in block `now`, and says how much.
    pub(crate) fn take_back(&mut self, now: BlockNumber) -> Balance {
        let free = self.free(now);
        if free > 0 {
            self.withdrawal = None;
            self.take(free);
        }
        free
    }

    fn take(&mut self, amount: Balance) {
        // Nobody takes more than there is.
        self.amount = self.amount.saturating_sub(amount);
        let rest = self.amount;
        self.withdrawal = self
            .withdrawal
            .map(|withdrawal| Withdrawal {
                amount: withdrawal.amount.min(rest),
                ..withdrawal
            })
            .filter(|withdrawal| withdrawal.amount > 0);
    }

    /// Whether the invariant holds.
    #[cfg(any(test, feature = "try-runtime"))]
    pub(crate) fn is_sound(&self) -> bool {
        self.withdrawal
            .is_none_or(|withdrawal| withdrawal.amount > 0 && withdrawal.amount <= self.amount)
    }
}
